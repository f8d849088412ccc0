using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;

namespace OneShot.AspNetCore.Requests;

/// <summary>Reads a request's body into its arena, once; who asks again is given the same.</summary>
/// <remarks>
/// So is a refusal, of which a part of the body may be lost. One by the announced length is none: nothing was read, and a call with a larger limit reads it all.
/// </remarks>
internal static class BodyReading
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<ArenaBody> ReadAsync(HttpContext context, IRequestArenaFeature feature, int limit, CancellationToken cancellationToken)
    {
        BodySlot slot = RequestBodies.SlotOf(context, feature);
        if (!slot.TryBegin(out ArenaBody whole, out long ticket))
        {
            return whole.Length <= limit ? whole : throw BodyRefusals.TooLarge(limit);
        }

        ArrivingBody body = default;
        bool isAskedFor = false;
        try
        {
            long? announced = RequestBodies.AnnouncedLengthOf(context, feature);
            if (announced > limit)
            {
                throw BodyRefusals.TooLarge(limit); // before a client that waits to be asked (RFC 9110, section 10.1.1) sends it
            }

            isAskedFor = true;
            body = new ArrivingBody(feature, limit, announced);
            PipeReader reader = context.Request.BodyReader;
            bool isLast;
            do
            {
                ReadResult read = await reader.ReadAsync(cancellationToken);
                isLast = read.IsCompleted;
                Take(reader, read, ref body);
            }
            while (!isLast);

            whole = body.Complete();
            slot.End(ticket, whole);
            return whole;
        }
        catch (BadHttpRequestException refusal) when (isAskedFor)
        {
            slot.Fail(ticket, refusal, body.HasBegun);
            throw;
        }
        catch
        {
            slot.Fail(ticket, refusal: null, body.HasBegun);
            throw;
        }
    }

    private static void Take(PipeReader reader, in ReadResult read, ref ArrivingBody body)
    {
        ReadOnlySequence<byte> bytes = read.Buffer;
        if (read.IsCanceled)
        {
            reader.AdvanceTo(bytes.Start);
            throw new OperationCanceledException("The read of the request's body was canceled by CancelPendingRead.");
        }

        try
        {
            body.Append(bytes, read.IsCompleted);
        }
        finally
        {
            reader.AdvanceTo(bytes.End);
        }
    }
}
