using System.Collections;
using System.Net;
using System.Reflection;
using Relay.Node.Settings;
using Relay.Policy.Values;
using Relay.TestKit;

namespace Relay.Node.Tests.Settings;

/// <summary>The table of settings in docs/operations.md against the code.</summary>
public sealed class SettingsDocumentTests
{
    private static readonly Dictionary<string, string> DefaultsInWords = new()
    {
        ["Node:Name"] = "the machine's name",
        ["Node:HostName"] = "the machine's full name",
        ["Node:DrainNotice"] = "5s behind a balancer, else 0s",
        ["Spool:SenderShareBytes"] = "a tenth of the quota",
    };

    // What other settings need: a key for a certificate, a certificate for TLS, TLS for passwords, an address for seeds.
    private static readonly string[] Needed =
        ["Tls:CertificateFile=relay.pem", "Tls:KeyFile=relay.key", "Listeners:0:Tls=Offered", "Cluster:Address=127.0.0.1:9",
        "Cluster:Tls:CertificateFile=node.pem", "Cluster:Tls:KeyFile=node.key", "Cluster:Tls:AuthoritiesFile=nodes.pem"];

    public static TheoryData<string> Keys => [.. Documented().Keys];

    [Fact]
    public void Every_setting_is_documented_with_its_type_and_default_and_nothing_else_is()
    {
        var code = Leaves(new NodeSettings(), "").ToDictionary(leaf => leaf.Key);
        var documented = Documented();

        Assert.Equal(code.Keys.Order(), documented.Keys.Order());
        foreach (var (key, row) in documented)
        {
            Assert.Contains(row.Type, TypesOf(code[key].Type));
            Assert.Equal(DefaultsInWords.GetValueOrDefault(key) ?? Show(code[key].Default), row.Default);
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_documented_setting_is_taken_or_refused_as_not_in_force_just_as_it_says(string key)
    {
        using var folder = new SettingsFolder();
        var row = Documented()[key];
        string[] overrides = [.. Needed, $"{key.Replace(":N:", ":0:", StringComparison.Ordinal)}={(key == "Cluster:Roles" ? "relay" : SampleOf(row.Type))}"];

        if (row.Meaning.Contains("not in force", StringComparison.OrdinalIgnoreCase))
        {
            Assert.EndsWith("is not in force in this version", Assert.Single(await folder.FailAsync(overrides: overrides)));
        }
        else
        {
            await folder.LoadAsync(overrides: overrides);
        }
    }

    private static Dictionary<string, (string Type, string Default, string Meaning)> Documented()
    {
        var lines = File.ReadLines(Path.Combine(RepositoryFolder.Path, "docs", "operations.md"));
        var table = lines.SkipWhile(line => line != "## Every setting").Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));
        return table.Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Replace("`", "", StringComparison.Ordinal).Trim()).ToArray())
            .ToDictionary(cells => cells[0], cells => (cells[1], cells[2], cells[3]));
    }

    private static IEnumerable<(string Key, Type Type, object? Default)> Leaves(object section, string path)
    {
        foreach (var property in section.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var key = path + property.Name;
            var value = property.GetValue(section);
            if (value is IReadOnlyList<ListenerSettings> listeners)
            {
                foreach (var leaf in Leaves(listeners[0], key + ":N:"))
                {
                    yield return leaf;
                }
            }
            else if (property.PropertyType is { IsClass: true, Namespace: "Relay.Node.Settings" } type)
            {
                foreach (var leaf in Leaves(value ?? Activator.CreateInstance(type)!, key + ":"))
                {
                    yield return leaf;
                }
            }
            else
            {
                yield return (key, property.PropertyType, value);
            }
        }
    }

    private static string[] TypesOf(Type type) => type switch
    {
        _ when type == typeof(string) => ["text", "name", "host name", "path"],
        _ when type == typeof(IPEndPoint) => ["address"],
        _ when type == typeof(bool) => ["true or false"],
        _ when type == typeof(TimeSpan) || type == typeof(TimeSpan?) => ["time"],
        _ when type == typeof(long) || type == typeof(long?) => ["size"],
        _ when type == typeof(IReadOnlyList<IPEndPoint>) => ["list of addresses"],
        _ when type == typeof(IReadOnlyList<IPAddress>) => ["list of IP addresses"],
        _ when type == typeof(IReadOnlyList<NetworkRange>) => ["list of networks"],
        _ when type == typeof(IReadOnlyList<string>) => ["list of names"],
        { IsEnum: true } => [string.Join(", ", Enum.GetNames(type))],
        _ => [],
    };

    private static string SampleOf(string type) => type switch
    {
        "name" or "text" or "path" or "list of names" => "sample",
        "host name" => "sample.example",
        "address" or "list of addresses" => "127.0.0.1:9",
        "list of networks" or "list of IP addresses" => "127.0.0.1",
        "true or false" => "true",
        "time" => "9s",
        "size" => "1 GiB",
        _ => type.Split(", ")[1],
    };

    private static string Show(object? value) => value switch
    {
        null => "none",
        TimeSpan time => new Duration(time).ToString(),
        long size => new ByteSize(size).ToString(),
        bool flag => flag ? "true" : "false",
        IEnumerable<string> names => $"[{string.Join(", ", names.Select(name => $"\"{name}\""))}]",
        string text => text,
        IEnumerable list => $"[{string.Join(", ", list.Cast<object>())}]",
        _ => value.ToString()!,
    };
}
