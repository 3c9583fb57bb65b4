using System.Collections.Concurrent;
using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Node.Admin;

namespace Relay.Node.Tests.Admin;

/// <summary>The resources of the API over real HTTP, and in the queue's place an actor with a canned answer that keeps what it was asked.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ActorSystem _system;

    private ApiHost(WebApplication app, ActorSystem system)
    {
        (_app, _system) = (app, system);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Http { get; }

    public ConcurrentQueue<object> Asked { get; private init; } = [];

    public static async Task<ApiHost> StartAsync(TimeProvider time, Func<object, object> answer)
    {
        var asked = new ConcurrentQueue<object>();
        var system = ActorSystem.Create("api");
        var queue = system.ActorOf(Props.Create(() => new Answering(asked, answer)));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        AdminApi.Configure(builder.Services);
        var app = builder.Build();
        new QueueApi(() => queue).Map(app);
        new DestinationApi(() => queue, time).Map(app);
        await app.StartAsync();
        return new ApiHost(app, system) { Asked = asked };
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        await _system.Terminate();
    }

    private sealed class Answering : ReceiveActor
    {
        public Answering(ConcurrentQueue<object> asked, Func<object, object> answer) => ReceiveAny(message =>
        {
            asked.Enqueue(message);
            Sender.Tell(answer(message));
        });
    }
}
