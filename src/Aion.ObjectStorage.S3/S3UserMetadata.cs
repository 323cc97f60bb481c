using System.Collections.Frozen;
using Amazon.S3;
using Amazon.S3.Model;

namespace Aion.ObjectStorage.S3;

/// <summary>What <c>put_user_metadata</c> adds to every upload: the storage class, standard headers, and metadata of the user's own.</summary>
internal sealed class S3UserMetadata
{
    private const string StorageClassHeader = "X-Amz-Storage-Class";
    private const string MetadataPrefix = "x-amz-meta-";
    private const string DefaultContentType = "application/octet-stream";

    private static readonly FrozenSet<string> Standard = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Cache-Control", "Content-Encoding", "Content-Disposition", "Content-Language", "Content-Type", "Expires");

    private readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.OrdinalIgnoreCase);
    private S3StorageClass? _storageClass;

    private S3UserMetadata()
    {
    }

    public static S3UserMetadata None { get; } = new();

    /// <exception cref="BucketConfigException">The message names the field.</exception>
    public static S3UserMetadata Read(ConfigNode settings)
    {
        var read = new S3UserMetadata();
        foreach ((string name, string value) in settings.Texts("put_user_metadata"))
        {
            if (name.Equals(StorageClassHeader, StringComparison.OrdinalIgnoreCase)) read._storageClass = new S3StorageClass(value);
            else if (Standard.Contains(name)) read._headers[name] = value;
            else if (name.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase)) read._metadata[name[MetadataPrefix.Length..]] = value;
            else if (name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
                throw settings.Error("put_user_metadata", $"{name} is not supported by Aion; {StorageClassHeader}, standard headers and metadata of your own are");
            else read._metadata[name] = value;
        }

        return read;
    }

    public void Apply(PutObjectRequest request)
    {
        request.StorageClass = _storageClass;
        Apply(request.Headers, request.Metadata);
    }

    public void Apply(InitiateMultipartUploadRequest request)
    {
        request.StorageClass = _storageClass;
        Apply(request.Headers, request.Metadata);
    }

    private void Apply(HeadersCollection headers, MetadataCollection metadata)
    {
        headers.ContentType = DefaultContentType;
        foreach ((string name, string value) in _headers) headers[name] = value;
        foreach ((string name, string value) in _metadata) metadata[name] = value;
    }
}
