namespace Relay.Smtp.Tests.Client;

public sealed class ClientDialogueFuzz
{
    [Fact]
    public void No_server_can_break_the_client_or_make_it_believe_in_a_delivery() =>
        FuzzLoop.Run(random => new HostileServer(random).Play());
}
