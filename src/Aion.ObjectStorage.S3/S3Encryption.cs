using System.Security.Cryptography;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;

namespace Aion.ObjectStorage.S3;

/// <summary>What of server-side encryption is asked for, and how each kind of request says so.</summary>
internal sealed class S3Encryption
{
    private const int CustomerKeyBytes = 32;

    private readonly ServerSideEncryptionMethod _method = ServerSideEncryptionMethod.None;
    private readonly string? _kmsKeyId;
    private readonly string? _kmsContext;
    private readonly string? _customerKey;
    private readonly string? _customerKeyMd5;

    private S3Encryption()
    {
    }

    private S3Encryption(ServerSideEncryptionMethod method, string? kmsKeyId = null, string? kmsContext = null)
    {
        _method = method;
        _kmsKeyId = kmsKeyId;
        _kmsContext = kmsContext;
    }

    /// <param name="key">32 bytes.</param>
    private S3Encryption(byte[] key)
    {
        _customerKey = Convert.ToBase64String(key);
#pragma warning disable CA5351 // S3 asks for the key's MD5 as a check against transfer errors; it protects nothing.
        _customerKeyMd5 = Convert.ToBase64String(MD5.HashData(key));
#pragma warning restore CA5351
    }

    public static S3Encryption None { get; } = new();

    public static S3Encryption S3Managed { get; } = new(ServerSideEncryptionMethod.AES256);

    /// <exception cref="BucketConfigException">The message names the field.</exception>
    public static S3Encryption Read(ConfigNode settings, BucketProviderContext context)
    {
        ConfigNode sse = settings.Map("sse_config");
        sse.RefuseUnknown("type", "kms_key_id", "kms_encryption_context", "encryption_key");
        bool old = settings.Flag("encrypt_sse");
        string type = sse.TextOrEmpty("type");
        if (old)
            context.Warn(
                "field config.encrypt_sse is deprecated: use sse_config with type SSE-S3 instead"
                + (type.Length > 0 ? $"; sse_config says {type}, which decides" : ""));
        return type switch
        {
            "" => old ? S3Managed : None,
            "SSE-S3" => S3Managed,
            "SSE-KMS" => ReadKms(sse),
            "SSE-C" => ReadCustomerKey(sse),
            _ => throw sse.Error("type", $"unsupported type {type}: must be SSE-S3, SSE-KMS or SSE-C"),
        };
    }

    public void Apply(PutObjectRequest request)
    {
        request.ServerSideEncryptionMethod = _method;
        request.ServerSideEncryptionKeyManagementServiceKeyId = _kmsKeyId;
        request.ServerSideEncryptionKeyManagementServiceEncryptionContext = _kmsContext;
        if (_customerKey is null) return;
        request.ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256;
        request.ServerSideEncryptionCustomerProvidedKey = _customerKey;
        request.ServerSideEncryptionCustomerProvidedKeyMD5 = _customerKeyMd5;
    }

    public void Apply(InitiateMultipartUploadRequest request)
    {
        request.ServerSideEncryptionMethod = _method;
        request.ServerSideEncryptionKeyManagementServiceKeyId = _kmsKeyId;
        request.ServerSideEncryptionKeyManagementServiceEncryptionContext = _kmsContext;
        if (_customerKey is null) return;
        request.ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256;
        request.ServerSideEncryptionCustomerProvidedKey = _customerKey;
        request.ServerSideEncryptionCustomerProvidedKeyMD5 = _customerKeyMd5;
    }

    public void Apply(UploadPartRequest request)
    {
        if (_customerKey is null) return;
        request.ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256;
        request.ServerSideEncryptionCustomerProvidedKey = _customerKey;
        request.ServerSideEncryptionCustomerProvidedKeyMD5 = _customerKeyMd5;
    }

    public void Apply(GetObjectRequest request)
    {
        if (_customerKey is null) return;
        request.ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256;
        request.ServerSideEncryptionCustomerProvidedKey = _customerKey;
        request.ServerSideEncryptionCustomerProvidedKeyMD5 = _customerKeyMd5;
    }

    public void Apply(GetObjectMetadataRequest request)
    {
        if (_customerKey is null) return;
        request.ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256;
        request.ServerSideEncryptionCustomerProvidedKey = _customerKey;
        request.ServerSideEncryptionCustomerProvidedKeyMD5 = _customerKeyMd5;
    }

    private static S3Encryption ReadKms(ConfigNode sse)
    {
        string keyId = sse.TextOrEmpty("kms_key_id");
        if (keyId.Length == 0) throw sse.Error("kms_key_id", "is required for SSE-KMS");
        IReadOnlyDictionary<string, string> context = sse.Texts("kms_encryption_context");
        string? encoded = context.Count == 0 ? null : Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(context));
        return new S3Encryption(ServerSideEncryptionMethod.AWSKMS, keyId, encoded);
    }

    private static S3Encryption ReadCustomerKey(ConfigNode sse)
    {
        string path = sse.TextOrEmpty("encryption_key");
        if (path.Length == 0) throw sse.Error("encryption_key", "is required for SSE-C: the path of the key's file");
        byte[] key;
        try
        {
            key = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw sse.Error("encryption_key", $"can't read {path}: {e.Message}");
        }

        // Never the content itself: it is a secret.
        return key.Length == CustomerKeyBytes
            ? new S3Encryption(key)
            : throw sse.Error("encryption_key", $"the key in {path} must be {CustomerKeyBytes} bytes long, not {key.Length}");
    }
}
