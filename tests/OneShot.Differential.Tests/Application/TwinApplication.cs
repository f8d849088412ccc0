using Microsoft.AspNetCore.Http.Features;

namespace OneShot.Differential.Tests.Application;

/// <summary>The one application behind both servers: what it does is chosen by the first segment of the path.</summary>
internal sealed class TwinApplication(SeenRequests seen)
{
    private static readonly Dictionary<string, Func<HttpContext, SeenRequest, Task>> s_behaviours = new(StringComparer.Ordinal)
    {
        ["noread"] = RequestBehaviours.DoNotReadAsync,
        ["half"] = RequestBehaviours.ReadHalfAsync,
        ["pipe"] = RequestBehaviours.ReadFromPipeAsync,
        ["maxsize"] = RequestBehaviours.LowerTheLimitAsync,
        ["early"] = RequestBehaviours.AnswerThenReadAsync,
        ["swallow"] = RequestBehaviours.SwallowReadErrorsAsync,
        ["sync"] = RequestBehaviours.ReadSynchronouslyAsync,
        ["upgrade"] = RequestBehaviours.UpgradeAsync,
        ["form"] = RequestBehaviours.ReadFormAsync,
        ["complete-reader"] = RequestBehaviours.CompleteReaderAsync,

        ["chunked"] = ResponseBehaviours.WriteChunkedAsync,
        ["start"] = ResponseBehaviours.StartThenWriteAsync,
        ["complete-error"] = ResponseBehaviours.CompleteWithErrorAsync,
        ["complete-error-flushed"] = ResponseBehaviours.CompleteWithErrorFlushedAsync,
        ["complete-writer"] = ResponseBehaviours.CompleteWriterAsync,
        ["complete-writer-sync"] = ResponseBehaviours.CompleteWriterSynchronouslyAsync,
        ["complete-early"] = ResponseBehaviours.CompleteTooEarlyAsync,
        ["complete"] = ResponseBehaviours.CompleteAsync,
        ["big"] = ResponseBehaviours.WriteBigAsync,
        ["big-length"] = ResponseBehaviours.WriteBigWithLengthAsync,
        ["empty"] = ResponseBehaviours.WriteNothingAsync,
        ["length"] = ResponseBehaviours.PromiseOnlyAsync,
        ["short"] = ResponseBehaviours.WriteTooLittleAsync,
        ["short-flushed"] = ResponseBehaviours.WriteTooLittleFlushedAsync,
        ["long"] = ResponseBehaviours.WriteTooMuchAsync,
        ["long-flushed"] = ResponseBehaviours.WriteTooMuchFlushedAsync,
        ["own-chunks"] = ResponseBehaviours.FrameByItselfAsync,
        ["identity"] = ResponseBehaviours.SendUntilCloseAsync,
        ["status"] = ResponseBehaviours.SetStatusAsync,
        ["status-body"] = ResponseBehaviours.SetStatusAndWriteAsync,
        ["status-length"] = ResponseBehaviours.SetStatusAndLengthAsync,
        ["status-encoding"] = ResponseBehaviours.SetStatusAndTransferEncodingAsync,
        ["write-pipe"] = ResponseBehaviours.WriteToPipeAsync,
        ["write-sync"] = ResponseBehaviours.WriteSynchronouslyAsync,
        ["flush"] = ResponseBehaviours.FlushOnlyAsync,
        ["send-file"] = ResponseBehaviours.SendFileAsync,

        ["connection"] = HeaderBehaviours.SetConnectionAsync,
        ["headers"] = HeaderBehaviours.SetManyAsync,
        ["own-date"] = HeaderBehaviours.SetDateAndServerAsync,
        ["bad-header"] = HeaderBehaviours.SetBadHeaderAsync,
        ["reason"] = HeaderBehaviours.SetReasonAsync,
        ["late-header"] = HeaderBehaviours.SetAfterStartAsync,
        ["starting"] = HeaderBehaviours.RegisterOnStartingAsync,
        ["starting-throws"] = HeaderBehaviours.ThrowOnStartingAsync,

        ["throw"] = FailureBehaviours.ThrowAsync,
        ["throw-unflushed"] = FailureBehaviours.ThrowUnflushedAsync,
        ["throw-flushed"] = FailureBehaviours.ThrowFlushedAsync,
        ["throw-bad-request"] = FailureBehaviours.ThrowBadRequestAsync,
        ["throw-after-complete"] = FailureBehaviours.ThrowAfterCompleteAsync,
        ["abort"] = FailureBehaviours.AbortAsync,
        ["abort-flushed"] = FailureBehaviours.AbortFlushedAsync,
    };

    internal async Task RunAsync(HttpContext context)
    {
        var request = new SeenRequest(context);
        try
        {
            await BehaviourFor(context)(context, request);
        }
        catch (Exception exception)
        {
            request.Note(exception is BadHttpRequestException bad ? $"bad request {bad.StatusCode}" : exception.GetType().Name);
            throw;
        }
        finally
        {
            seen.Add(context.Connection.Id, request);
        }
    }

    private static Func<HttpContext, SeenRequest, Task> BehaviourFor(HttpContext context)
    {
        string path = context.Features.GetRequiredFeature<IHttpRequestFeature>().Path;
        int end = path.Length > 1 ? path.IndexOf('/', 1) : -1;
        string segment = path.Length < 2 ? "" : end < 0 ? path[1..] : path[1..end];
        return s_behaviours.GetValueOrDefault(segment, RequestBehaviours.ReadAllAsync);
    }
}
