using System.Globalization;
using Aion.Model;
using Aion.Storage;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Hints = Aion.Protocol.Wire.Hints;
using MatchType = Aion.Model.MatchType;

namespace Aion.Protocol;

/// <summary>Matchers and block hints between the wire and the model.</summary>
public static class MatcherMapping
{
    private const string TypeUrlPrefix = "type.googleapis.com";

    /// <param name="cache">Where matchers may come from; null to make each anew.</param>
    /// <exception cref="StoreException">Invalid argument: an unknown type or a bad regular expression.</exception>
    public static LabelMatcher ToModel(Wire.LabelMatcher matcher, IMatcherCache? cache = null)
    {
        var type = (MatchType)(int)matcher.Type;
        if (type is < MatchType.Equal or > MatchType.NotRegex)
        {
            throw new StoreException(
                StoreErrorKind.InvalidArgument,
                string.Create(CultureInfo.InvariantCulture, $"unrecognized label matcher type {(int)matcher.Type}"));
        }

        try
        {
            return cache is null ? new LabelMatcher(type, matcher.Name, matcher.Value) : cache.Get(type, matcher.Name, matcher.Value);
        }
        catch (FormatException e)
        {
            throw new StoreException(StoreErrorKind.InvalidArgument, e.Message, e);
        }
    }

    public static IReadOnlyList<LabelMatcher> ToModel(IReadOnlyList<Wire.LabelMatcher> matchers, IMatcherCache? cache = null)
    {
        if (matchers.Count == 0) return [];
        var list = new LabelMatcher[matchers.Count];
        for (var i = 0; i < list.Length; i++) list[i] = ToModel(matchers[i], cache);
        return list;
    }

    public static Wire.LabelMatcher ToWire(LabelMatcher matcher) =>
        new() { Type = (Wire.LabelMatcher.Types.Type)(int)matcher.Type, Name = matcher.Name, Value = matcher.Value };

    internal static IReadOnlyList<LabelMatcher> BlockMatchersOf(Any? hints) =>
        hints is null ? [] : ToModel(Unpack(hints, Hints.SeriesRequestHints.Parser, "series").BlockMatchers);

    internal static IReadOnlyList<LabelMatcher> BlockMatchersOfNames(Any? hints) =>
        hints is null ? [] : ToModel(Unpack(hints, Hints.LabelNamesRequestHints.Parser, "label names").BlockMatchers);

    internal static IReadOnlyList<LabelMatcher> BlockMatchersOfValues(Any? hints) =>
        hints is null ? [] : ToModel(Unpack(hints, Hints.LabelValuesRequestHints.Parser, "label values").BlockMatchers);

    internal static Any Pack(IMessage hints) => Any.Pack(hints, TypeUrlPrefix);

    private static T Unpack<T>(Any hints, MessageParser<T> parser, string what)
        where T : IMessage<T>, new()
    {
        string wanted = new T().Descriptor.FullName;
        string got = Any.GetTypeName(hints.TypeUrl);
        if (got != wanted)
            throw Invalid(what, $"mismatched message type: got \"{got}\" want \"{wanted}\"", null);
        try
        {
            return parser.ParseFrom(hints.Value);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Invalid(what, e.Message, e);
        }
    }

    private static StoreException Invalid(string what, string reason, Exception? inner) =>
        new(StoreErrorKind.InvalidArgument, $"unmarshal {what} request hints: {reason}", inner);
}
