// The commands of the program, in the order help lists them. Each comes from its component; nothing else lives here.
using Aion;
using Aion.Hosting;
using Aion.ObjectStorage;
using Aion.ObjectStorage.S3;
using Aion.Query;
using Aion.Sidecar;
using Aion.Standalone;
using Aion.StoreGateway;

ComponentDefinition[] commands =
    [StandaloneComponent.Definition, SidecarComponent.Definition, StoreGatewayComponent.Definition, QueryComponent.Definition];

if (NotBuilt.In(args, commands.Select(c => c.Command)) is { } refused)
{
    await Console.Error.WriteLineAsync($"aion: error: the component {refused} is not built yet; docs/compatibility.md says what is");
    return 1;
}

ComponentEnvironment environment = ComponentEnvironment.OfProcess(Console.Out) with
{
    Buckets = new BucketFactory(new FilesystemBucketProvider(), new S3BucketProvider()),
};

await using Stream error = Console.OpenStandardError();
return await new AionApplication(commands)
    .RunAsync(args, environment, error, TimeProvider.System, CancellationToken.None);
