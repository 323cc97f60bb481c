using Aion.Compactor;
using Aion.Hosting;
using Aion.Query;
using Aion.Sidecar;
using Aion.Standalone;
using Aion.StoreGateway;
using Aion.Tools;

namespace Aion;

/// <summary>The commands of the program, in the order help lists them. Each comes from its component.</summary>
internal static class Commands
{
    public static IReadOnlyList<ComponentDefinition> All { get; } =
    [
        StandaloneComponent.Definition, SidecarComponent.Definition, StoreGatewayComponent.Definition, QueryComponent.Definition,
        CompactorComponent.Definition,
        .. ToolCommands.All,
    ];

    /// <summary>Groups of commands, with the flags that hold for all of them.</summary>
    public static IReadOnlyList<CommandGroup> Groups => ToolCommands.Groups;
}
