using System.Collections;
using System.Collections.Immutable;
using System.Reflection;

namespace Relay.Messages.Tests.Wire;

/// <summary>Makes records of random values, by their constructors: each seed makes the same ones.</summary>
internal sealed class GeneratedValues
{
    private readonly Random _random;

    public GeneratedValues(int seed) => _random = new Random(seed);

    public object Make(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return _random.Next(3) == 0 ? null! : Make(underlying);
        }

        if (type.IsEnum)
        {
            var values = Enum.GetValues(type);
            return values.GetValue(_random.Next(values.Length))!;
        }

        return Type.GetTypeCode(type) switch
        {
            TypeCode.String => Text(),
            TypeCode.Boolean => _random.Next(2) == 0,
            TypeCode.Byte => (byte)_random.Next(256),
            TypeCode.Int32 => _random.Next(3) == 0 ? 0 : _random.Next(),
            TypeCode.UInt32 => (uint)_random.Next(),
            TypeCode.Int64 => _random.Next(3) == 0 ? 0L : _random.NextInt64(1L << 40),
            TypeCode.UInt64 => (ulong)_random.NextInt64(),
            TypeCode.Double => _random.Next(1 << 20) / 16.0,
            _ => MakeObject(type),
        };
    }

    private object MakeObject(Type type)
    {
        if (type == typeof(TimeSpan))
        {
            return TimeSpan.FromMilliseconds(_random.Next(1 << 30));
        }

        if (type == typeof(DateTimeOffset))
        {
            return DateTimeOffset.FromUnixTimeMilliseconds(_random.NextInt64(4_000_000_000_000));
        }

        if (type == typeof(UInt128))
        {
            return new UInt128((ulong)_random.NextInt64(), (ulong)_random.NextInt64());
        }

        if (type == typeof(Guid))
        {
            return new Guid(Octets(16));
        }

        if (type == typeof(ReadOnlyMemory<byte>))
        {
            return new ReadOnlyMemory<byte>(Octets(_random.Next(100)));
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
        {
            var item = type.GetGenericArguments()[0];
            var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
            for (var count = _random.Next(5); count > 0; count--)
            {
                list.Add(Make(item));
            }

            var create = typeof(ImmutableArray).GetMethods()
                .Single(static method => method.Name == nameof(ImmutableArray.CreateRange) && method.GetParameters().Length == 1);
            return create.MakeGenericMethod(item).Invoke(null, [list])!;
        }

        if (type.GetConstructors().Length == 0 && type.GetField("Instance")?.GetValue(null) is { } only)
        {
            return only;
        }

        var constructor = type.GetConstructors().MaxBy(static constructor => constructor.GetParameters().Length)
            ?? throw new NotSupportedException($"{type} cannot be generated: say here how");
        return constructor.Invoke([.. constructor.GetParameters().Select(parameter => MakeParameter(parameter))]);
    }

    private object? MakeParameter(ParameterInfo parameter) =>
        new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable && _random.Next(3) == 0 ? null
            : parameter.Name == "Digest" ? Convert.ToHexStringLower(Octets(32))
            : Make(parameter.ParameterType);

    private byte[] Octets(int count)
    {
        var octets = new byte[count];
        _random.NextBytes(octets);
        return octets;
    }

    // Never empty: most of what has a name must have one.
    private string Text()
    {
        const string letters = "abcxyz019.-_@:/é漢";
        return string.Concat(Enumerable.Range(0, _random.Next(1, 20)).Select(_ => letters[_random.Next(letters.Length)]));
    }
}
