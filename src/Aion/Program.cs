// Runs the command that the arguments name, with the kinds of bucket there are; nothing else lives here.
using Aion;
using Aion.Hosting;
using Aion.ObjectStorage;
using Aion.ObjectStorage.Azure;
using Aion.ObjectStorage.Gcs;
using Aion.ObjectStorage.S3;
using Aion.ObjectStorage.Swift;

if (NotBuilt.In(args, Commands.All.Select(c => c.Command)) is { } refused)
{
    await Console.Error.WriteLineAsync($"aion: error: the component {refused} is not built yet; docs/compatibility.md says what is");
    return 1;
}

ComponentEnvironment environment = ComponentEnvironment.OfProcess(Console.Out) with
{
    Terminal = Console.IsErrorRedirected ? null : Console.Error,
    Buckets = new BucketFactory(
        new FilesystemBucketProvider(), new S3BucketProvider(), new GcsBucketProvider(), new AzureBucketProvider(), new SwiftBucketProvider(),
        new CosBucketProvider(), new AliyunOssBucketProvider(), new ObsBucketProvider(), new BosBucketProvider(), new OciBucketProvider()),
};

await using Stream error = Console.OpenStandardError();
return await new AionApplication(Commands.All, Commands.Groups).RunAsync(args, environment, error, TimeProvider.System, CancellationToken.None);
