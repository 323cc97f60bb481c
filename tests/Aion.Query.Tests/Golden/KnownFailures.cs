using System.Runtime.CompilerServices;
using System.Text;
using Aion.Testing;

namespace Aion.Query.Tests;

/// <summary>
/// Cases of a recording against two lists beside the tests, an id and then a reason on each line: <c>known-failing-NAME.txt</c> has those
/// that do not pass yet and may only shrink; <c>differs-NAME.txt</c>, where there is one, has those whose recorded answer is not wanted here.
/// </summary>
internal sealed class KnownFailures
{
    private readonly string _name;
    private readonly HashSet<string> _known;
    private readonly HashSet<string> _unseen;
    private readonly StringBuilder _new = new();
    private readonly List<string> _fixed = [];
    private int _count;
    private int _failed;

    public KnownFailures(string name, [CallerFilePath] string callerPath = "")
    {
        _name = name;
        IEnumerable<string> lines = SharedFolder.ListBeside($"known-failing-{name}.txt", callerPath);
        string differs = $"differs-{name}.txt";
        if (File.Exists(Path.Combine(Path.GetDirectoryName(callerPath)!, differs))) lines = lines.Concat(SharedFolder.ListBeside(differs, callerPath));
        _known = [.. lines.Select(l => l.Split(' ')[0])];
        _unseen = [.. _known];
    }

    /// <param name="difference">Null when the case passes.</param>
    public void Record(string id, string? difference)
    {
        _count++;
        _unseen.Remove(id);
        if (difference is not null) _failed++;
        if (difference is not null && !_known.Contains(id)) _new.AppendLine($"{id}  {difference}");
        else if (difference is null && _known.Contains(id)) _fixed.Add(id);
    }

    public void Assert()
    {
        TestContext.Current.SendDiagnosticMessage($"{_name}: {_count - _failed} of {_count} cases pass");
        Xunit.Assert.True(_count > 0, "no case applies");
        Xunit.Assert.True(_new.Length == 0, $"{_name}: cases that fail and are not listed:\n{_new}");
        Xunit.Assert.True(_fixed.Count == 0 && _unseen.Count == 0, $"{_name}: listed cases that pass or are gone:\n{string.Join('\n', _fixed.Concat(_unseen))}");
    }
}
