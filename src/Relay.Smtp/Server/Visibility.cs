using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Relay.Smtp.Tests")]
[assembly: InternalsVisibleTo("Relay.Benchmarks")]
