namespace Aion.StoreApi;

/// <summary>An endpoint as configured.</summary>
/// <param name="Address"><c>host:port</c>, or a name with a DNS prefix.</param>
/// <param name="IsStrict">Always kept and always asked, whether it answers or not.</param>
/// <param name="IsGroup">One client over all addresses of the name, instead of one client for each.</param>
/// <param name="Client">How to connect; null = as all others.</param>
public sealed record EndpointSpec(string Address, bool IsStrict = false, bool IsGroup = false, GrpcClientOptions? Client = null);
