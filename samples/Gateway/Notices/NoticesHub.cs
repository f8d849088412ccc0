using Microsoft.AspNetCore.SignalR;

namespace Gateway.Notices;

/// <summary>Clients follow topics here, and are told what is published.</summary>
public sealed class NoticesHub : Hub<INoticesClient>
{
    /// <exception cref="HubException">It is no topic.</exception>
    public Task Follow(string topic) => NoticeRules.IsTopic(topic)
        ? Groups.AddToGroupAsync(Context.ConnectionId, topic)
        : throw new HubException($"A topic has 1 to {NoticeRules.LongestTopic} letters, digits and dashes.");

    public Task Unfollow(string topic) => Groups.RemoveFromGroupAsync(Context.ConnectionId, topic);
}

/// <summary>What a client of the hub is told.</summary>
public interface INoticesClient
{
    public Task Notice(string id, string topic, string text);
}
