using Aion.Hosting;

namespace Aion.Query;

/// <summary>Whose data a request may see.</summary>
internal sealed class TenancyFlags
{
    public TenancyFlags(FlagSet flags)
    {
        Header = flags.String("query.tenant-header", "Header that names the tenant of a request.", TenantResolver.DefaultHeader);
        DefaultTenant = flags.String("query.default-tenant-id", "Tenant of requests without that header.", "default-tenant");
        CertificateField = flags.Enum("query.tenant-certificate-field",
            "Take the tenant from this field of the client's TLS certificate, and not from a header.", ["", "organization", "organizationalUnit", "commonName"], "");
        Enforce = flags.Bool("query.enforce-tenancy", "Let a query see only series whose tenant label has its tenant.");
        LabelName = flags.String("query.tenant-label-name", "Label that names the tenant of a series.", "tenant_id");
    }

    public Flag<string> Header { get; }

    public Flag<string> DefaultTenant { get; }

    public Flag<string> CertificateField { get; }

    public Flag<bool> Enforce { get; }

    public Flag<string> LabelName { get; }

    public TenancyOptions Options(ParsedFlags flags) => new()
    {
        Header = flags.Get(Header),
        DefaultTenant = flags.Get(DefaultTenant),
        CertificateField = flags.Get(CertificateField),
        Enforce = flags.Get(Enforce),
        LabelName = flags.Get(LabelName),
    };
}
