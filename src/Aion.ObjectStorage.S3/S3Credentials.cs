using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

namespace Aion.ObjectStorage.S3;

/// <summary>Finds the credentials the settings ask for. Null = the SDK's own chain, which also asks container and instance roles.</summary>
internal static class S3Credentials
{
    public static AWSCredentials? Of(S3Config config, BucketProviderContext context)
    {
        if (config.AccessKey.Length > 0) return Static(config.AccessKey, config.SecretKey, config.SessionToken);
        if (config.UseSdkChain) return WebIdentityAt(config, context);
        if (FromVariables(context.Variable) is { } fromVariables) return fromVariables;
        if (FromProfile(context.Variable) is { } fromProfile) return fromProfile;
        return WebIdentityAt(config, context);
    }

    private static AWSCredentials Static(string access, string secret, string? token) =>
        string.IsNullOrEmpty(token) ? new BasicAWSCredentials(access, secret) : new SessionAWSCredentials(access, secret, token);

    // The older names are those of Thanos's client.
    private static AWSCredentials? FromVariables(Func<string, string?> variable)
    {
        string? access = First(variable, "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY");
        string? secret = First(variable, "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY");
        return access is null || secret is null ? null : Static(access, secret, variable("AWS_SESSION_TOKEN"));
    }

    private static AWSCredentials? FromProfile(Func<string, string?> variable)
    {
        var chain = new CredentialProfileStoreChain(First(variable, "AWS_SHARED_CREDENTIALS_FILE"));
        return chain.TryGetAWSCredentials(First(variable, "AWS_PROFILE") ?? "default", out AWSCredentials found) ? found : null;
    }

    /// <summary>The SDK exchanges web identity tokens itself, but only at the region's own address.</summary>
    private static WebIdentityCredentials? WebIdentityAt(S3Config config, BucketProviderContext context)
    {
        if (config.StsEndpoint.Length == 0) return null;
        string? tokenFile = First(context.Variable, "AWS_WEB_IDENTITY_TOKEN_FILE");
        string? role = First(context.Variable, "AWS_ROLE_ARN");
        if (tokenFile is null || role is null)
        {
            context.Warn("field config.sts_endpoint has no effect: AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN are not set");
            return null;
        }

        string url = config.StsEndpoint.Contains("://", StringComparison.Ordinal) ? config.StsEndpoint : "https://" + config.StsEndpoint;
        if (!Uri.TryCreate(url, UriKind.Absolute, out _))
            throw new BucketConfigException($"field config.sts_endpoint: \"{config.StsEndpoint}\" is no address");
        var client = new AmazonSecurityTokenServiceClient(
            new AnonymousAWSCredentials(),
            new AmazonSecurityTokenServiceConfig { ServiceURL = url, AuthenticationRegion = config.Endpoint.Region });
        return new WebIdentityCredentials(client, tokenFile, role, First(context.Variable, "AWS_ROLE_SESSION_NAME") ?? "aion");
    }

    private static string? First(Func<string, string?> variable, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            if (variable(name) is { Length: > 0 } value) return value;
        return null;
    }

    /// <summary>Exchanges the token file's content for keys whenever those run out; the file is replaced from outside.</summary>
    private sealed class WebIdentityCredentials(IAmazonSecurityTokenService sts, string tokenFile, string role, string session)
        : RefreshingAWSCredentials
    {
        protected override async Task<CredentialsRefreshState> GenerateNewCredentialsAsync()
        {
            AssumeRoleWithWebIdentityResponse answer = await sts.AssumeRoleWithWebIdentityAsync(new AssumeRoleWithWebIdentityRequest
            {
                RoleArn = role,
                RoleSessionName = session,
                WebIdentityToken = (await File.ReadAllTextAsync(tokenFile)).Trim(),
            });
            Credentials keys = answer.Credentials;
            return new CredentialsRefreshState(
                new ImmutableCredentials(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken),
                keys.Expiration ?? throw new AmazonClientException("the credentials from STS have no expiry"));
        }

        protected override CredentialsRefreshState GenerateNewCredentials() => GenerateNewCredentialsAsync().GetAwaiter().GetResult();
    }
}
