// The commands of the program, in the order help lists them. Each comes from its component; nothing else lives here.
using Aion.Hosting;
using Aion.Query;
using Aion.Sidecar;
using Aion.StoreGateway;

ComponentDefinition[] commands = [SidecarComponent.Definition, StoreGatewayComponent.Definition, QueryComponent.Definition];

await using Stream error = Console.OpenStandardError();
return await new AionApplication(commands)
    .RunAsync(args, ComponentEnvironment.OfProcess(Console.Out), error, TimeProvider.System, CancellationToken.None);
