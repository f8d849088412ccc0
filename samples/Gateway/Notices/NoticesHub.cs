using Microsoft.AspNetCore.SignalR;

namespace Gateway.Notices;

/// <summary>Clients follow topics here, and are told what is published.</summary>
public sealed class NoticesHub : Hub<INoticesClient>
{
    private const string Key = "topics";

    /// <summary>What the connection follows. It asks one thing at a time.</summary>
    private HashSet<string> Topics
    {
        get
        {
            if (Context.Items.TryGetValue(Key, out object? kept) && kept is HashSet<string> topics)
            {
                return topics;
            }

            HashSet<string> none = new(StringComparer.Ordinal);
            Context.Items[Key] = none;
            return none;
        }
    }

    /// <exception cref="HubException">It is no topic, or the connection follows enough of them.</exception>
    public Task Follow(string topic)
    {
        if (!NoticeRules.IsTopic(topic))
        {
            throw new HubException($"A topic has 1 to {NoticeRules.LongestTopic} letters, digits and dashes.");
        }

        HashSet<string> topics = Topics;
        if (topics.Count >= NoticeRules.MostTopics && !topics.Contains(topic))
        {
            throw new HubException($"A connection follows {NoticeRules.MostTopics} topics at most.");
        }

        topics.Add(topic);
        return Groups.AddToGroupAsync(Context.ConnectionId, topic);
    }

    public Task Unfollow(string topic) => Topics.Remove(topic) ? Groups.RemoveFromGroupAsync(Context.ConnectionId, topic) : Task.CompletedTask;
}

/// <summary>What a client of the hub is told.</summary>
public interface INoticesClient
{
    public Task Notice(string id, string topic, string text);
}
