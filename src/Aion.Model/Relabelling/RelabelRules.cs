using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Aion.Model;

/// <summary>Relabelling rules, compiled: a pure function from a label set to a label set or to nothing. Immutable and thread-safe.</summary>
public sealed class RelabelRules
{
    private readonly Rule[] _rules;

    private RelabelRules(Rule[] rules) => _rules = rules;

    /// <summary>No rules: every set stays as it is.</summary>
    public static RelabelRules None { get; } = new([]);

    public bool IsEmpty => _rules.Length == 0;

    /// <exception cref="FormatException">A rule is not valid; names the rule by its place, from 1, and the field.</exception>
    public static RelabelRules Compile(IEnumerable<RelabelConfig> configs)
    {
        var rules = new List<Rule>();
        foreach (RelabelConfig config in configs)
        {
            string place = (rules.Count + 1).ToString(CultureInfo.InvariantCulture);
            if (config.Validate() is { } error) throw new FormatException($"relabel rule {place}: {error}");
            try
            {
                rules.Add(new Rule(config));
            }
            catch (FormatException e)
            {
                throw new FormatException($"relabel rule {place}: regex: {e.Message}", e);
            }
        }

        return new RelabelRules([.. rules]);
    }

    /// <summary>The labels after all rules, in order; null when a rule drops the set.</summary>
    public Labels? Apply(Labels labels)
    {
        if (_rules.Length == 0) return labels;
        var builder = new LabelsBuilder(labels);
        return Apply(builder) ? builder.ToLabels() : null;
    }

    /// <summary>Edits the labels in place; false when a rule drops the set, whose content then means nothing.</summary>
    public bool Apply(LabelsBuilder labels)
    {
        foreach (Rule rule in _rules)
            if (!rule.Apply(labels)) return false;
        return true;
    }

    private sealed class Rule
    {
        private readonly RelabelAction _action;
        private readonly byte[][] _sources;
        private readonly byte[] _separator;
        private readonly byte[] _target;
        private readonly ulong _modulus;
        private readonly ReplacingRegex _regex;
        private readonly RegexTemplate _targetTemplate;
        private readonly RegexTemplate _replacement;

        public Rule(RelabelConfig config)
        {
            _action = config.Action;
            _sources = [.. (config.SourceLabels ?? []).Select(Encoding.UTF8.GetBytes)];
            _separator = Encoding.UTF8.GetBytes(config.Separator);
            _target = Encoding.UTF8.GetBytes(config.TargetLabel);
            _modulus = config.Modulus;
            _regex = ReplacingRegex.Parse(config.Regex ?? RelabelConfig.DefaultRegex);
            _targetTemplate = RegexTemplate.Parse(config.TargetLabel);
            _replacement = RegexTemplate.Parse(config.Replacement);
        }

        public bool Apply(LabelsBuilder labels)
        {
            if (_action is RelabelAction.LabelMap or RelabelAction.LabelDrop or RelabelAction.LabelKeep)
            {
                EditNames(labels);
                return true;
            }

            ReadOnlySpan<byte> value = Join(labels);
            switch (_action)
            {
                case RelabelAction.Keep: return _regex.IsMatch(value);
                case RelabelAction.Drop: return !_regex.IsMatch(value);
                case RelabelAction.KeepEqual: return labels.ValueOf(_target).SequenceEqual(value);
                case RelabelAction.DropEqual: return !labels.ValueOf(_target).SequenceEqual(value);
                case RelabelAction.HashMod: labels.Set(_target, HashMod(value)); break;
                case RelabelAction.Lowercase: labels.Set(_target, GoCase.ToLower(value)); break;
                case RelabelAction.Uppercase: labels.Set(_target, GoCase.ToUpper(value)); break;
                default: Replace(labels, value); break;
            }

            return true;
        }

        private ReadOnlySpan<byte> Join(LabelsBuilder labels)
        {
            if (_sources.Length == 0) return default;
            if (_sources.Length == 1) return labels.ValueOf(_sources[0]);
            var joined = new ArrayBufferWriter<byte>();
            for (var i = 0; i < _sources.Length; i++)
            {
                if (i > 0) joined.Write(_separator);
                joined.Write(labels.ValueOf(_sources[i]));
            }

            return joined.WrittenSpan;
        }

        private void Replace(LabelsBuilder labels, ReadOnlySpan<byte> value)
        {
            var target = new ArrayBufferWriter<byte>();
            if (!_regex.TryExpand(value, _targetTemplate, target)) return;
            // A group may leave no name, or half a character.
            if (target.WrittenCount == 0 || !Utf8.IsValid(target.WrittenSpan)) return;
            var replacement = new ArrayBufferWriter<byte>();
            _regex.TryExpand(value, _replacement, replacement);
            labels.Set(target.WrittenSpan, replacement.WrittenSpan);
        }

        private void EditNames(LabelsBuilder labels)
        {
            // Names as they are before the rule: a label it makes is not looked at again.
            Labels before = labels.ToLabels();
            var name = new ArrayBufferWriter<byte>();
            foreach (LabelPair label in before)
            {
                bool matches = _regex.IsMatch(label.Name);
                if (_action != RelabelAction.LabelMap)
                {
                    if (matches == (_action == RelabelAction.LabelDrop)) labels.Remove(label.Name);
                    continue;
                }

                if (!matches) continue;
                name.Clear();
                _regex.ReplaceAll(label.Name, _replacement, name);
                labels.Set(name.WrittenSpan, label.Value);
            }
        }

        private byte[] HashMod(ReadOnlySpan<byte> value)
        {
            Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
#pragma warning disable CA5351 // The field's placement function, nothing secret.
            MD5.HashData(value, hash);
#pragma warning restore CA5351
            ulong bucket = BinaryPrimitives.ReadUInt64BigEndian(hash[8..]) % _modulus;
            return Encoding.ASCII.GetBytes(bucket.ToString(CultureInfo.InvariantCulture));
        }
    }
}
