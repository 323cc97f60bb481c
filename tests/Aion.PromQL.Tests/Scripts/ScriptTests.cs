using System.Collections.Frozen;
using Aion.Testing;

namespace Aion.PromQL.Tests;

/// <summary>
/// The conformance scripts and the recorded random scripts, each once with all plan passes and the reruns that the script language asks for,
/// and once with no pass. The evals that do not pass yet
/// stand in <c>known-failing-evals.txt</c> as <c>folder/file:line</c>.
/// </summary>
public sealed class ScriptTests(ITestOutputHelper output)
{
    private const string ListName = "known-failing-evals.txt";

    public static TheoryData<string> ConformanceScripts => Scripts("conformance", "promql");

    public static TheoryData<string> RecordedScripts => Scripts("golden", "promql", "scripts");

    public static TheoryData<string> EagerScripts => Scripts("golden", "promql", "scripts-eager");

    [Theory]
    [MemberData(nameof(ConformanceScripts))]
    public Task Conformance_scripts_pass(string file) => RunAsync(file, ScriptRunner.SuiteOptions, "conformance", "promql");

    [Theory]
    [MemberData(nameof(RecordedScripts))]
    public Task Recorded_scripts_pass(string file) => RunAsync(file, ScriptRunner.SuiteOptions, "golden", "promql", "scripts");

    [Theory]
    [MemberData(nameof(EagerScripts))]
    public Task Recorded_scripts_pass_with_eager_name_removal(string file) => RunAsync(
        file, ScriptRunner.SuiteOptions with { DelayedNameRemoval = false, UseStartTimestamps = false }, "golden", "promql", "scripts-eager");

    private static TheoryData<string> Scripts(params string[] folder)
    {
        var data = new TheoryData<string>();
        string path = Path.Combine([SharedFolder.Root, .. folder]);
        if (!Directory.Exists(path))
        {
            data.Add("");
            return data;
        }

        foreach (string file in Directory.EnumerateFiles(path, "*.test").Order(StringComparer.Ordinal)) data.Add(Path.GetFileName(file));
        return data;
    }

    private async Task RunAsync(string file, QueryOptions options, params string[] folder)
    {
        string script = await File.ReadAllTextAsync(SharedFolder.Require([.. folder, file]), TestContext.Current.CancellationToken);
        IReadOnlyList<string> known = SharedFolder.ListBeside(ListName);
        string prefix = $"{folder[^1]}/{file}:";
        double tolerance = folder[0] == "golden" ? ScriptComparison.Recorded : ScriptComparison.ByHand;
        string[] listed = [.. known.Where(l => l.StartsWith(prefix, StringComparison.Ordinal))];
        List<string> wrong = [];
        foreach (bool passes in (bool[])[true, false])
        {
            FrozenSet<string> disabled = passes ? [] : QueryEngine.PassNames.ToFrozenSet(StringComparer.Ordinal);
            (List<int> lines, SortedDictionary<int, string> failures) =
                await new ScriptRunner(options with { DisabledPasses = disabled }, reruns: passes, tolerance).RunAsync(script);
            foreach ((int line, string message) in failures)
            {
                output.WriteLine($"{prefix}{line} {message}");
                if (!listed.Contains($"{prefix}{line}")) wrong.Add($"{prefix}{line} (passes {(passes ? "on" : "off")}): {message}");
            }

            wrong.AddRange(listed.Where(l => !failures.Keys.Any(k => l == $"{prefix}{k}")).Select(l => $"{l} passes now: remove it from {ListName}"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
