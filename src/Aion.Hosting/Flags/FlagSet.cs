using Aion.Model;

namespace Aion.Hosting;

/// <summary>
/// The flags of one command, in the order they are declared, which is the order help shows. Each method declares a flag and returns
/// the handle its value is read with. Help texts are our own; names, grammars and defaults are upstream's.
/// </summary>
/// <remarks>Grammars: reference/cli-conventions.md §1 and §2; which flag has which: reference/cli-flags.md.</remarks>
public sealed class FlagSet
{
    private readonly List<Flag> _flags = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public IReadOnlyList<Flag> Flags => _flags;

    /// <summary>Any text, taken as it is.</summary>
    public Flag<string> String(string name, string help, string? @default = null, char @short = '\0', string placeHolder = "",
        bool hidden = false, bool required = false) =>
        Scalar(Declare(name, help, @default, @short, placeHolder, hidden, required), FlagGrammars.String, "");

    /// <summary>Texts; one more for each use.</summary>
    public Flag<IReadOnlyList<string>> Strings(string name, string help, IReadOnlyList<string>? defaults = null, char @short = '\0',
        string placeHolder = "", bool hidden = false, bool required = false) =>
        List(Declare(name, help, defaults, @short, placeHolder, hidden, required), FlagGrammars.String);

    /// <summary><c>--x</c> sets true, <c>--no-x</c> false.</summary>
    public Flag<bool> Bool(string name, string help, bool @default = false, char @short = '\0', bool hidden = false) =>
        Scalar(Declare(name, help, @default ? "true" : null, @short, "", hidden, false), FlagGrammars.Bool, false);

    /// <summary>A 32-bit number parsed as a float and truncated: <c>1e3</c> is 1000, <c>2.9</c> is 2.</summary>
    public Flag<int> Int(string name, string help, string? @default = null, bool hidden = false) =>
        Scalar(Declare(name, help, @default, '\0', "", hidden, false), FlagGrammars.Int, 0);

    public Flag<IReadOnlyList<int>> Ints(string name, string help, IReadOnlyList<string>? defaults = null, bool hidden = false) =>
        List(Declare(name, help, defaults, '\0', "", hidden, false), FlagGrammars.Int);

    /// <summary>A base-0 integer: <c>0x10</c>, <c>0b1</c>, <c>0o7</c>, <c>010</c> (octal), <c>1_000</c>.</summary>
    public Flag<long> Int64(string name, string help, string? @default = null, bool hidden = false) =>
        Scalar(Declare(name, help, @default, '\0', "", hidden, false), FlagGrammars.Int64, 0L);

    /// <inheritdoc cref="Int64"/>
    public Flag<ulong> UInt64(string name, string help, string? @default = null, bool hidden = false) =>
        Scalar(Declare(name, help, @default, '\0', "", hidden, false), FlagGrammars.UInt64, 0UL);

    public Flag<double> Float(string name, string help, string? @default = null, bool hidden = false) =>
        Scalar(Declare(name, help, @default, '\0', "", hidden, false), FlagGrammars.Float, 0.0);

    public Flag<IReadOnlyList<double>> Floats(string name, string help, IReadOnlyList<string>? defaults = null, bool hidden = false) =>
        List(Declare(name, help, defaults, '\0', "", hidden, false), FlagGrammars.Float);

    /// <summary>A Prometheus duration (<c>promdur</c>): <c>1d12h</c>, integers only, units descending.</summary>
    public Flag<TimeSpan> PrometheusDuration(string name, string help, string? @default = null, bool hidden = false) =>
        Scalar(Declare(name, help, @default, '\0', "", hidden, false), FlagGrammars.PrometheusDuration, TimeSpan.Zero);

    /// <summary>A kingpin duration (<c>godur</c>): sign, decimals, units ns to w in any order.</summary>
    public Flag<TimeSpan> GoDuration(string name, string help, string? @default = null, bool hidden = false) =>
        Scalar(Declare(name, help, @default, '\0', "", hidden, false), FlagGrammars.GoDuration, TimeSpan.Zero);

    /// <inheritdoc cref="GoDuration"/>
    public Flag<IReadOnlyList<TimeSpan>> GoDurations(string name, string help, IReadOnlyList<string>? defaults = null) =>
        List(Declare(name, help, defaults, '\0', "", false, false), FlagGrammars.GoDuration);

    /// <summary>An RFC 3339 instant, or a Prometheus duration relative to now at each use.</summary>
    public Flag<TimeOrDuration> TimeOrDuration(string name, string help, string @default, bool hidden = false) =>
        Scalar(Declare(name, help, @default, '\0', "", hidden, false), FlagGrammars.TimeOrDuration, default!);

    /// <summary>Bytes, all units powers of 1024 (<c>2GB</c> is 2 GiB); a unit is a must except for <c>0</c>.</summary>
    public Flag<long> Size(string name, string help, string? @default = null, bool hidden = false) =>
        Scalar(Declare(name, help, @default, '\0', "", hidden, false), FlagGrammars.Size, 0L);

    /// <summary>Exactly one of <paramref name="members"/>, case-sensitive.</summary>
    public Flag<string> Enum(string name, string help, IReadOnlyList<string> members, string? @default = null, char @short = '\0',
        string placeHolder = "", bool hidden = false, bool required = false) =>
        Scalar(Declare(name, help, @default, @short, placeHolder, hidden, required), FlagGrammars.Enum(members), "");

    public Flag<IReadOnlyList<string>> Enums(string name, string help, IReadOnlyList<string> members,
        IReadOnlyList<string>? defaults = null, bool hidden = false) =>
        List(Declare(name, help, defaults, '\0', "", hidden, false), FlagGrammars.Enum(members));

    /// <summary>Addresses <c>host:port</c> or <c>scheme+name</c>; each must be non-empty and contain <c>:</c> or <c>+</c>.</summary>
    public Flag<IReadOnlyList<string>> Addresses(string name, string help, string placeHolder = "", bool hidden = false) =>
        List(Declare(name, help, (string?)null, '\0', placeHolder, hidden, false), FlagGrammars.Address);

    /// <summary>An absolute URL.</summary>
    public Flag<Uri> Url(string name, string help, string @default) =>
        Scalar(Declare(name, help, @default, '\0', "", false, false), FlagGrammars.Url, null!);

    /// <summary>The pair <c>--NAME-file=path</c> and <c>--NAME=content</c>.</summary>
    /// <param name="name">Name of the content flag; the file flag adds <c>-file</c>.</param>
    /// <param name="help">What the content is, as the end of a sentence: "the bucket configuration".</param>
    /// <param name="required">An empty or absent content is an error when it is read.</param>
    /// <param name="substitutesEnvironment">Replace <c>$(NAME)</c> by the environment's value.</param>
    public PathOrContent PathOrContent(string name, string help, bool required = false, bool substitutesEnvironment = true,
        bool hidden = false)
    {
        Flag<string> file = String(name + "-file", $"Path of a file with {help}.", placeHolder: "<file-path>", hidden: hidden);
        Flag<string> content = String(name, $"Inline alternative to '{name}-file' (one of the two at most): {help}.",
            placeHolder: "<content>", hidden: hidden);
        return new PathOrContent(name, file, content, required, substitutesEnvironment);
    }

    /// <summary>
    /// Declares a flag upstream has and this program does not honour. Given by the user it is refused with an error that names it and
    /// says why; help does not list it.
    /// </summary>
    public void Unsupported(string name, string why, bool isBool = false) => Add(new UnsupportedFlag(name, why, isBool));

    private Flag<T> Scalar<T>(FlagText text, FlagGrammar<T> grammar, T initial) => Add(new ScalarFlag<T>(text, grammar, initial));

    private Flag<IReadOnlyList<T>> List<T>(FlagText text, FlagGrammar<T> grammar) => Add(new ListFlag<T>(text, grammar));

    private static FlagText Declare(string name, string help, string? @default, char @short, string placeHolder, bool hidden,
        bool required) =>
        Declare(name, help, @default is null ? [] : (IReadOnlyList<string>)[@default], @short, placeHolder, hidden, required);

    private static FlagText Declare(string name, string help, IReadOnlyList<string>? defaults, char @short, string placeHolder,
        bool hidden, bool required) =>
        new(name, help) { Defaults = defaults ?? [], Short = @short, PlaceHolder = placeHolder, Hidden = hidden, Required = required };

    private TFlag Add<TFlag>(TFlag flag)
        where TFlag : Flag
    {
        if (!_names.Add(flag.Name)) throw new ArgumentException($"flag --{flag.Name} is declared twice");
        _flags.Add(flag);
        return flag;
    }
}
