using System.Buffers;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.SignalR;

namespace Gateway.Notices;

/// <summary>What a notice may be, and how large a message may be that brings one.</summary>
internal static class NoticeRules
{
    public const int LongestTopic = 64;
    public const int LongestText = 4_096;

    /// <summary>That one connection follows: the hub keeps each in memory.</summary>
    public const int MostTopics = 100;

    private const int LargestMessage = 16 << 10;

    private static readonly SearchValues<char> s_topic = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>A topic is in logs: nothing in it may be a line break or a colour.</summary>
    public static bool IsTopic(string text) => text.Length is > 0 and <= LongestTopic && !text.AsSpan().ContainsAnyExcept(s_topic);

    public static void Apply(HubOptions options) => options.MaximumReceiveMessageSize = LargestMessage;

    public static void Apply(GrpcServiceOptions options) => options.MaxReceiveMessageSize = LargestMessage;
}
