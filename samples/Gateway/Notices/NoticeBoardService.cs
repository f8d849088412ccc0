using Gateway.Protos;
using Gateway.Tokens;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;

namespace Gateway.Notices;

/// <summary>Publishes to the clients that follow a topic.</summary>
[Authorize(TokenSetup.MayPublish)]
internal sealed partial class NoticeBoardService(IHubContext<NoticesHub, INoticesClient> hub, ILogger<NoticeBoardService> logger) : NoticeBoard.NoticeBoardBase
{
    public override async Task<PublishReply> Publish(PublishRequest request, ServerCallContext context)
    {
        if (!NoticeRules.IsTopic(request.Topic))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"topic: 1 to {NoticeRules.LongestTopic} letters, digits and dashes."));
        }

        if (request.Text.Length > NoticeRules.LongestText)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"text: up to {NoticeRules.LongestText} characters."));
        }

        string id = Guid.CreateVersion7().ToString("N");
        await hub.Clients.Group(request.Topic).Notice(id, request.Topic, request.Text);
        LogPublished(id, request.Topic, context.GetHttpContext().User.Identity?.Name);
        return new PublishReply { Id = id };
    }

    [LoggerMessage(2, LogLevel.Information, "Notice {Id} on {Topic}, published by {Subject}.")]
    private partial void LogPublished(string id, string topic, string? subject);
}
