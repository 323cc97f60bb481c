using System.Text;
using Aion.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Tools.Tests;

/// <summary>Runs <c>aion tools …</c> in this process.</summary>
internal static class ToolProgram
{
    /// <summary>Shortly after the golden bucket's blocks were uploaded.</summary>
    public static readonly DateTimeOffset GoldenNow = new(2026, 11, 24, 8, 26, 0, TimeSpan.Zero);

    public static async Task<ToolRun> RunAsync(
        IReadOnlyList<string> arguments, TimeProvider? time = null, TextWriter? terminal = null, CancellationToken stopping = default)
    {
        using MemoryStream error = new();
        await using StringWriter output = new();
        ComponentEnvironment environment = new()
        {
            Variable = _ => null,
            Output = output,
            Terminal = terminal,
            Build = new BuildInformation("1.2.3", "abc", "main"),
        };
        AionApplication application = new(ToolCommands.All, ToolCommands.Groups);
        int status = await application.RunAsync(arguments, environment, error, time ?? new FakeTimeProvider(GoldenNow), stopping);
        return new ToolRun(status, output.ToString(), Encoding.UTF8.GetString(error.ToArray()));
    }
}

/// <param name="Error">The log, or help and usage.</param>
internal sealed record ToolRun(int Status, string Output, string Error);
