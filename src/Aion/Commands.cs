using Aion.Hosting;
using Aion.Query;
using Aion.Sidecar;
using Aion.Standalone;
using Aion.StoreGateway;

namespace Aion;

/// <summary>The commands of the program, in the order help lists them. Each comes from its component.</summary>
internal static class Commands
{
    public static IReadOnlyList<ComponentDefinition> All { get; } =
        [StandaloneComponent.Definition, SidecarComponent.Definition, StoreGatewayComponent.Definition, QueryComponent.Definition];
}
