using Aion.Testing;

namespace Aion.EndToEnd.Tests;

/// <summary>One <c>aion</c> component on ports of its own choosing, read from its log.</summary>
internal sealed class AionProcess : IAsyncDisposable
{
    private AionProcess(RunningProcess process) => Process = process;

    public static string Binary { get; } = Path.Combine(SharedFolder.RepositoryRoot, "artifacts", "bin", "Aion", "debug", "aion");

    public RunningProcess Process { get; }

    /// <summary>Base address of the HTTP server, such as <c>http://127.0.0.1:34567</c>.</summary>
    public string Http { get; private set; } = "";

    /// <summary>Address of the gRPC server, such as <c>127.0.0.1:34568</c>; empty for components without one.</summary>
    public string Grpc { get; private set; } = "";

    /// <summary>Starts a component with both ports free-chosen, and waits until it says that it is ready.</summary>
    public static async Task<AionProcess> StartAsync(string component, params IEnumerable<string> arguments)
    {
        AionProcess aion = Launch(component, [.. arguments, "--http-address=127.0.0.1:0", "--grpc-address=127.0.0.1:0"]);
        await aion.ReadyAsync(grpc: true);
        return aion;
    }

    public static AionProcess Launch(string component, IEnumerable<string> arguments) =>
        new(RunningProcess.Start($"aion {component}", Binary, [component, .. arguments]));

    public async Task ReadyAsync(bool grpc, TimeSpan? timeout = null)
    {
        Http = "http://" + AddressIn(await Process.WaitForLineAsync("listening for requests and metrics", timeout));
        if (grpc) Grpc = AddressIn(await Process.WaitForLineAsync("listening for serving gRPC", timeout));
        await Eventually.TrueAsync(
            async () => (await Api.Client.GetAsync($"{Http}/-/ready")).IsSuccessStatusCode, $"{Process.Name} is ready", timeout, () => Process.Tail());
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private static string AddressIn(string line)
    {
        const string Key = "address=";
        int start = line.IndexOf(Key, StringComparison.Ordinal) + Key.Length;
        int end = line.IndexOf(' ', start);
        return end < 0 ? line[start..] : line[start..end];
    }
}
