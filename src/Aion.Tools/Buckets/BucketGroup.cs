using Aion.Hosting;
using Aion.ObjectStorage;

namespace Aion.Tools;

/// <summary><c>tools bucket</c>: the bucket that all of its commands work on.</summary>
internal static class BucketGroup
{
    public static CommandGroup Group { get; } = new("tools bucket", "Tools that look at or change the blocks of a bucket.");

    private static PathOrContent ObjectStorage { get; } = CommonFlags.ObjectStorage(Group.Flags, required: true);

    /// <exception cref="ComponentException">The configuration is missing or wrong.</exception>
    public static Task<IBucket> OpenAsync(ParsedFlags flags, ComponentContext context, CancellationToken cancellationToken) =>
        context.OpenBucketAsync(ObjectStorage, flags, cancellationToken);
}
