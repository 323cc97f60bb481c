using Aion.Testing;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;

namespace Aion.ObjectStorage.Azure.Tests;

/// <summary>The bucket contract against Azurite, each test below a prefix of its own.</summary>
public sealed class AzuriteTests : BucketContract, IAsyncLifetime
{
    private const string Container = "aion-contract";
    private IReadOnlyDictionary<string, string> _server = new Dictionary<string, string>();
    private IBucket? _bucket;

    protected override IBucket Bucket => _bucket!;

    public async ValueTask InitializeAsync()
    {
        _server = await ServiceScript.StartAsync("azurite.sh");
        _bucket = new PrefixedBucket(Open(_server["AION_AZURE_CONNECTION_STRING"]), "contract/" + Guid.NewGuid().ToString("N"));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Listings_of_many_pages_are_whole()
    {
        await Parallel.ForAsync(0, 5005, Cancellation, async (i, token) => await Bucket.UploadAsync($"p/{i:d4}/x", "1"u8.ToArray(), token));

        Assert.Equal(5005, (await ListAsync("p", recursive: true)).Distinct().Count());
        Assert.Equal(5005, (await ListAsync("p", recursive: false)).Distinct().Count());
    }

    [Fact]
    public async Task A_stream_of_unknown_length_goes_up_in_blocks()
    {
        const long Length = 100 * 1024 * 1024;

        await Bucket.UploadAsync("big", new PatternStream(Length), Cancellation);

        Assert.Equal(Length, (await Bucket.AttributesAsync("big", Cancellation)).SizeBytes);
        var across = new byte[1_000_000];
        Assert.Equal(across.Length, await Bucket.ReadRangeAsync("big", 8_000_000, across, Cancellation));
        for (var i = 0; i < across.Length; i++)
            if (across[i] != PatternStream.At(8_000_000 + i)) Assert.Fail($"byte {i} differs");
        Assert.Equal(10, await Bucket.ReadRangeAsync("big", Length - 10, new byte[100], Cancellation));
        await Bucket.DeleteAsync("big", Cancellation);
    }

    [Fact]
    public async Task If_absent_holds_for_uploads_in_blocks()
    {
        await PutAsync("x", "here");

        BucketException e = await Assert.ThrowsAsync<BucketException>(
            () => Bucket.UploadAsync("x", new PatternStream(9_000_000), UploadCondition.IfAbsent, Cancellation));

        Assert.Equal(BucketErrorKind.AlreadyExists, e.Kind);
        Assert.Equal("here", await TextAsync("x"));
    }

    [Fact]
    public async Task An_upload_in_blocks_that_fails_leaves_nothing()
    {
        await Assert.ThrowsAsync<IOException>(() => Bucket.UploadAsync("x", new FailingStream(9_000_000), Cancellation));

        Assert.False(await Bucket.ExistsAsync("x", Cancellation));
    }

    [Fact]
    public async Task A_shared_access_signature_is_enough()
    {
        await PutAsync("x", "1");
        var key = new StorageSharedKeyCredential(_server["AION_AZURE_ACCOUNT"], _server["AION_AZURE_KEY"]);
        var sas = new BlobSasBuilder(BlobContainerSasPermissions.All, TimeProvider.System.GetUtcNow().AddHours(1)) { BlobContainerName = Container, Resource = "c" };
        string connection = $"BlobEndpoint={_server["AION_AZURE_ENDPOINT"]};SharedAccessSignature={sas.ToSasQueryParameters(key)}";

        // A signature for the container may not create it, and nobody said that it need not be created.
        IBucket bucket = Open(connection);

        await bucket.UploadAsync("sas/" + Guid.NewGuid().ToString("N"), "2"u8.ToArray(), Cancellation);
        await foreach (BucketEntry entry in bucket.ListAsync("sas", true, Cancellation)) Assert.Equal(1, entry.Attributes!.Value.SizeBytes);
    }

    [Fact]
    public async Task A_signature_that_may_only_read_reads()
    {
        await PutAsync("x", "1");
        var key = new StorageSharedKeyCredential(_server["AION_AZURE_ACCOUNT"], _server["AION_AZURE_KEY"]);
        var sas = new BlobSasBuilder(BlobContainerSasPermissions.Read | BlobContainerSasPermissions.List, TimeProvider.System.GetUtcNow().AddHours(1))
        {
            BlobContainerName = Container,
            Resource = "c",
        };
        IBucket bucket = Open($"BlobEndpoint={_server["AION_AZURE_ENDPOINT"]};SharedAccessSignature={sas.ToSasQueryParameters(key)}");
        string path = await Open(_server["AION_AZURE_CONNECTION_STRING"]).ListAsync("contract", true, Cancellation).Select(e => e.Key).FirstAsync(Cancellation);

        Assert.True(await bucket.ExistsAsync(path, Cancellation));
        Assert.NotEmpty(await bucket.ReadAllAsync(path, 1 << 26, Cancellation));
        BucketException e = await Assert.ThrowsAsync<BucketException>(() => bucket.UploadAsync("sas/readonly", "2"u8.ToArray(), Cancellation));
        Assert.Equal(BucketErrorKind.AccessDenied, e.Kind);
    }

    [Fact]
    public async Task A_wrong_key_is_access_denied()
    {
        string other = Convert.ToBase64String(new byte[64]);
        IBucket bucket = Open(_server["AION_AZURE_CONNECTION_STRING"].Replace(_server["AION_AZURE_KEY"], other, StringComparison.Ordinal));

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => bucket.GetAsync("x", Cancellation));

        Assert.Equal(BucketErrorKind.AccessDenied, e.Kind);
        Assert.DoesNotContain(other, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_container_is_made_or_is_no_missing_object()
    {
        string name = "aion-" + Guid.NewGuid().ToString("N");
        IBucket strict = Open(_server["AION_AZURE_CONNECTION_STRING"], "storage_create_container: false", name);
        IBucket making = Open(_server["AION_AZURE_CONNECTION_STRING"], "", name);

        BucketException e = await Assert.ThrowsAsync<BucketException>(() => strict.GetAsync("x", Cancellation));
        Assert.False(await making.ExistsAsync("x", Cancellation));
        bool nowThere = !await strict.ExistsAsync("x", Cancellation);
        await new BlobContainerClient(_server["AION_AZURE_CONNECTION_STRING"], name).DeleteAsync(cancellationToken: Cancellation);

        Assert.Equal(BucketErrorKind.Unknown, e.Kind);
        Assert.Contains("ContainerNotFound", e.Message, StringComparison.Ordinal);
        Assert.True(nowThere);
    }

    private static IBucket Open(string connection, string more = "", string container = Container) =>
        AzureConfigTests.Open($"{{storage_account: devstoreaccount1, container: {container}, storage_connection_string: \"{connection}\", {more}}}");
}
