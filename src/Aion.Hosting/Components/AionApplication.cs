using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>
/// The program: reads the command line, sets up the selected component and runs it until it ends or a signal comes. Returns the exit code.
/// </summary>
/// <remarks>Outputs and exit codes: reference/cli-conventions.md §3 and §4.</remarks>
public sealed class AionApplication
{
    private const string Program = "aion";
    private const string Help = "Highly available long-term storage and querying for Prometheus: a drop-in for Thanos in one program.";

    private readonly CommandNode _root = new("", null) { Help = Help };
    private readonly GlobalFlags _global;

    /// <param name="definitions">Commands in the order help lists them.</param>
    /// <param name="groups">Groups with flags or a help of their own.</param>
    public AionApplication(IEnumerable<ComponentDefinition> definitions, IEnumerable<CommandGroup>? groups = null)
    {
        _global = new GlobalFlags(_root.Flags);
        _root.ChildOrNew(CommandParser.HelpCommand).Help = "Show help.";
        foreach (ComponentDefinition definition in definitions)
        {
            CommandNode node = NodeOf(definition.Command);
            node.Definition = definition;
            node.Help = definition.Help;
            node.Flags = definition.Flags;
        }

        foreach (CommandGroup group in groups ?? [])
        {
            CommandNode node = NodeOf(group.Path);
            node.Help = group.Help;
            node.Flags = group.Flags;
        }
    }

    /// <param name="arguments">Without the program's name.</param>
    /// <param name="error">Standard error: help, usage and the log.</param>
    /// <param name="stopping">Ends the component as a signal would, without a signal's log lines.</param>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, ComponentEnvironment environment, Stream error, TimeProvider time,
        CancellationToken stopping)
    {
        await using StreamWriter text = new(error, leaveOpen: true) { AutoFlush = true, NewLine = "\n" };
        CommandLine line = CommandParser.Parse(_root, arguments);
        if (Answer(line, environment, text) is { } done) return done;

        ParsedFlags flags;
        try
        {
            flags = FlagReader.Read(line);
        }
        catch (FlagSyntaxException e)
        {
            return Fail(text, e.Message);
        }
        catch (FlagValueException e)
        {
            text.Write(HelpText.Of(Program, line.Command, Width(environment)));
            text.WriteLine($"error parsing commandline arguments: [{string.Join(' ', [Program, .. arguments])}]: {e.Message}");
            return 2;
        }

        if (line.Command.Definition is not { } definition) return ShowHelp(line.Command, environment, text);
        if (flags.Get(_global.LogFormat) == "journald")
        {
            text.WriteLine("failed to create logger: the journald format is not supported; use logfmt or json");
            return 1;
        }

        using LogOutput log = CreateLog(flags, error, time);
        return await RunAsync(definition, flags, environment, log, time, stopping);
    }

    /// <summary>Help, version and errors of form; null when a component is to run.</summary>
    private int? Answer(CommandLine line, ComponentEnvironment environment, StreamWriter text)
    {
        if (line.Has(_global.Version)) return ShowVersion(environment.Build, text);
        if (line.Has(_global.HelpLong))
        {
            environment.Output.Write(HelpText.Long(Program, _root, Width(environment)));
            return 0;
        }

        if (line.SyntaxError is { } message) return Fail(text, message);
        if (line.Has(_global.Help)) return ShowHelp(line.Command, environment, text);
        if (line.Command.Name != CommandParser.HelpCommand) return null;
        CommandLine about = CommandParser.Parse(_root, line.Rest);
        return about.SyntaxError is { } unknown ? Fail(text, unknown) : ShowHelp(about.Command, environment, text);
    }

    private async Task<int> RunAsync(ComponentDefinition definition, ParsedFlags flags, ComponentEnvironment environment, LogOutput log,
        TimeProvider time, CancellationToken stopping)
    {
        // The last word names the component: "tools bucket web" has metrics of "web".
        ComponentContext context = new(definition.Command.Split(' ')[^1], log, time, environment);
        ILogger logger = context.Logger;
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using SignalHandlers signals = new(logger, stop);
        RunGroup group = new(logger, time);
        string phase = $"preparing {definition.Command} command failed";
        IDisposable? spans = null;
        try
        {
            string tracing = await _global.Tracing.ReadAsync(flags, environment, stop.Token);
            if (tracing.Length > 0) spans = SpanExport.Start(TracingConfig.Read(tracing, logger), context);
            await definition.SetupAsync(flags, context, group, stop.Token);
            phase = $"{definition.Command} command failed";
            await RunAsync(group, time, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped while it was setting up.
        }
        catch (Exception e)
        {
            logger.Error(null, [("err", ErrorText(e, phase))]);
            return 1;
        }
        finally
        {
            spans?.Dispose();
        }

        logger.Info("exiting");
        return 0;
    }

    private static async Task RunAsync(RunGroup group, TimeProvider time, CancellationToken stopping)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task dropping = new ProgramPages(time).RunAsync(end.Token);
        try
        {
            await group.RunAsync(stopping);
        }
        finally
        {
            await end.CancelAsync();
            await dropping;
        }
    }

    /// <summary>Causes first, a line each. The stack of an exception nobody wrote for the operator is kept; it is a defect.</summary>
    private static string ErrorText(Exception error, string phase)
    {
        string text = $"{ComponentException.Chain(error)}\n{phase}";
        return error is ComponentException ? text : $"{text}\n{error.GetType().FullName}\n{error.StackTrace}";
    }

    private LogOutput CreateLog(ParsedFlags flags, Stream error, TimeProvider time)
    {
        LogLevel level = flags.Get(_global.LogLevel) switch
        {
            "debug" => LogLevel.Debug,
            "warn" => LogLevel.Warning,
            "error" => LogLevel.Error,
            _ => LogLevel.Information,
        };
        LogFormat format = flags.Get(_global.LogFormat) == "json" ? LogFormat.Json : LogFormat.Logfmt;
        return new LogOutput(error, format, level, time, flags.Get(_global.DebugName));
    }

    private static int Fail(StreamWriter text, string message)
    {
        text.WriteLine($"{Program}: error: {message}");
        return 1;
    }

    private static int ShowHelp(CommandNode command, ComponentEnvironment environment, StreamWriter text)
    {
        text.Write(HelpText.Of(Program, command, Width(environment)));
        return 0;
    }

    private static int ShowVersion(BuildInformation build, StreamWriter text)
    {
        text.WriteLine($"{Program}, version {build.Version} (branch: {build.Branch}, revision: {build.Revision})");
        text.WriteLine($"  runtime:          {build.Runtime}");
        text.WriteLine($"  platform:         {build.OperatingSystem}/{build.Architecture}");
        return 0;
    }

    private CommandNode NodeOf(string path) => path.Split(' ').Aggregate(_root, (parent, word) => parent.ChildOrNew(word));

    private static int Width(ComponentEnvironment environment) => HelpText.Width(environment.Variable("COLUMNS"));

    /// <summary>SIGINT and SIGTERM stop the component, SIGHUP does nothing to it; a second signal changes nothing.</summary>
    private sealed class SignalHandlers : IDisposable
    {
        private readonly PosixSignalRegistration[] _registrations;

        public SignalHandlers(ILogger logger, CancellationTokenSource stop)
        {
            _registrations =
            [
                PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => OnStop(signal, "interrupt")),
                PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => OnStop(signal, "terminated")),
                PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnReload),
            ];

            void OnStop(PosixSignalContext signal, string name)
            {
                signal.Cancel = true;
                if (stop.IsCancellationRequested) return;
                logger.Info("caught signal. Exiting.", [("signal", name)]);
                stop.Cancel();
            }

            void OnReload(PosixSignalContext signal)
            {
                signal.Cancel = true;
                logger.Info("caught signal. Reloading.", [("signal", "hangup")]);
            }
        }

        public void Dispose()
        {
            foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        }
    }
}
