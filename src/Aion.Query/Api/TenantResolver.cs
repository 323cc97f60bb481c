using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace Aion.Query;

/// <summary>Finds out whose request it is.</summary>
/// <remarks>Source: reference/http-api.md H-4.2.</remarks>
public static class TenantResolver
{
    /// <summary>The header that carries the tenant between components, and the fall-back where another one is configured.</summary>
    public const string DefaultHeader = "THANOS-TENANT";

    /// <summary>What a request says of its tenant, unchecked; for metrics.</summary>
    internal static string NameOf(HttpContext context, TenancyOptions options)
    {
        string tenant = context.Request.Headers[options.Header].ToString();
        if (tenant.Length == 0) tenant = context.Request.Headers[DefaultHeader].ToString();
        return tenant.Length == 0 ? options.DefaultTenant : tenant;
    }

    /// <summary>The tenant of a request: from the client certificate when a field is configured, else from the header, else the default.</summary>
    /// <exception cref="BadParameterException">The name cannot be a tenant, or the certificate has none.</exception>
    internal static string Resolve(HttpContext context, TenancyOptions options)
    {
        string tenant = NameOf(context, options);
        if (options.CertificateField.Length > 0) tenant = FromCertificate(context.Connection.ClientCertificate, options.CertificateField);
        if (!IsValid(tenant)) throw new BadParameterException("tenant name not valid");
        return tenant;
    }

    /// <summary>A tenant names a folder somewhere down the line, so it must be one plain path element.</summary>
    public static bool IsValid(string tenant) => tenant.Length > 0 && !tenant.Contains('/', StringComparison.Ordinal);

    private static string FromCertificate(X509Certificate2? certificate, string field)
    {
        if (certificate is null) throw new BadParameterException("could not get required certificate field from client cert");
        string oid = field switch
        {
            "organization" => "2.5.4.10",
            "organizationalUnit" => "2.5.4.11",
            "commonName" => "2.5.4.3",
            _ => throw new BadParameterException("tls client cert field requested is not supported"),
        };
        foreach (X500RelativeDistinguishedName name in certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false))
        {
            if (name.HasMultipleElements || name.GetSingleElementType().Value != oid) continue;
            if (name.GetSingleElementValue() is { Length: > 0 } value) return value;
        }

        throw new BadParameterException($"could not get {field} field from client cert");
    }
}
