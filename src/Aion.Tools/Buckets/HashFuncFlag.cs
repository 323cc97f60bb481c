using Aion.Hosting;

namespace Aion.Tools;

/// <summary><c>--hash-func</c>: whether new metas hold the SHA-256 of every file.</summary>
internal sealed class HashFuncFlag(FlagSet flags)
{
    private readonly Flag<string> _function = flags.Enum("hash-func", "Hash of each file for the new block's meta: SHA256, or nothing.", ["SHA256", ""], "");

    public bool IsSha256(ParsedFlags values) => values.Get(_function) == "SHA256";
}
