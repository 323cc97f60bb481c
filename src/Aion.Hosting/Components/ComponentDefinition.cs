namespace Aion.Hosting;

/// <summary>
/// A command of the program: its place in the command tree, help, flags and how it is put together. Setup validates, builds the parts and
/// adds them to the run group; nothing serves or loops before the group runs.
/// </summary>
public abstract class ComponentDefinition
{
    private protected ComponentDefinition(string command, string help)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(command);
        Command = command;
        Help = help;
    }

    /// <summary>Full path with single spaces: <c>sidecar</c>, <c>tools bucket ls</c>.</summary>
    public string Command { get; }

    public string Help { get; }

    /// <summary>The command's own flags; global flags are the application's.</summary>
    public FlagSet Flags { get; } = new();

    /// <summary>Builds the component into <paramref name="group"/>. An exception means "preparing … command failed", exit 1.</summary>
    public abstract Task SetupAsync(ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken);

    /// <param name="declare">Declares the flags and returns their handles, typically a small class of the component.</param>
    public static ComponentDefinition Create<TFlags>(string command, string help, Func<FlagSet, TFlags> declare, ComponentSetup<TFlags> setup) =>
        new Typed<TFlags>(command, help, declare, setup);

    private sealed class Typed<TFlags> : ComponentDefinition
    {
        private readonly TFlags _handles;
        private readonly ComponentSetup<TFlags> _setup;

        public Typed(string command, string help, Func<FlagSet, TFlags> declare, ComponentSetup<TFlags> setup)
            : base(command, help)
        {
            _handles = declare(Flags);
            _setup = setup;
        }

        public override Task SetupAsync(ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken) =>
            _setup(_handles, flags, context, group, cancellationToken);
    }
}

/// <param name="handles">What the component's declaration returned.</param>
/// <param name="flags">The values.</param>
public delegate Task ComponentSetup<in TFlags>(
    TFlags handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken);
