using System.Net;
using Relay.Flood.Sink;

namespace Relay.Flood.Tests.Sink;

/// <summary>Settings that every test begins with.</summary>
internal static class TestSinks
{
    public static readonly SinkSettings OnFreePort = new() { Listen = new IPEndPoint(IPAddress.Loopback, 0), Seed = 1 };

    public static SinkFault Fault(string text) =>
        SinkFault.TryParse(text, out var fault, out var error) ? fault : throw new ArgumentException(error, nameof(text));

    public static SinkSettings Failing(params string[] faults) => OnFreePort with { Faults = [.. faults.Select(Fault)] };
}
