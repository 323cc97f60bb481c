namespace Aion.Hosting;

/// <summary>Pairs that several components declare.</summary>
public static class CommonFlags
{
    /// <summary><c>--objstore.config[-file]</c>; the suffix makes <c>objstore-to</c> and its like.</summary>
    public static PathOrContent ObjectStorage(FlagSet flags, bool required, string suffix = "") =>
        flags.PathOrContent($"objstore{suffix}.config", "the bucket configuration in YAML", required);

    /// <summary><c>--selector.relabel-config[-file]</c>: keep, drop and hashmod on external labels.</summary>
    public static PathOrContent Selector(FlagSet flags) =>
        flags.PathOrContent("selector.relabel-config", "relabelling in YAML (keep, drop, hashmod) that selects by external labels");
}
