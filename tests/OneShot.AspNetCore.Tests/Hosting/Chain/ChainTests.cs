namespace OneShot.AspNetCore.Tests.Hosting.Chain;

/// <summary>
/// Whatever an endpoint's chain is made of, and wherever among its lines the front is asked for, clients get what stock Kestrel
/// gives them; and where HTTP/1.1 is answered, it is the front that answers.
/// </summary>
public sealed class ChainTests
{
    public static TheoryData<Tls, Neighbour> Endpoints
    {
        get
        {
            TheoryData<Tls, Neighbour> endpoints = [];
            foreach (Tls tls in Enum.GetValues<Tls>())
            {
                foreach (Neighbour neighbour in Enum.GetValues<Neighbour>())
                {
                    endpoints.Add(tls, neighbour);
                }
            }

            return endpoints;
        }
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Every_client_gets_what_Kestrel_gives_it(Tls tls, Neighbour neighbour)
    {
        int fronted = 0;
        List<string> heard = [];
        foreach (ChainEnd end in Enum.GetValues<ChainEnd>())
        {
            foreach (bool neighbourFirst in new[] { false, true })
            {
                var stock = new ChainCase(Form.None, tls, neighbour, neighbourFirst, end);
                (List<string> expected, bool[] expectedLog) = await HoldAllAsync(stock);
                foreach (Form form in Enum.GetValues<Form>())
                {
                    if (form == Form.None || (stock.IsAddress && form is Form.WebHost or Form.WebHostAfterKestrel && (neighbour != Neighbour.None || end != ChainEnd.Http)))
                    {
                        continue; // there the owner's lines have replaced the front
                    }

                    ChainCase chain = stock with { Form = form };
                    (List<string> answers, bool[] log) = await HoldAllAsync(chain);

                    Assert.Equal(
                        [chain.ToString(), .. expected.Select(Conversation.Essence)],
                        [chain.ToString(), .. answers.Select(Conversation.Essence)]);
                    Assert.Equal(expectedLog, log);
                    heard.AddRange(answers);
                    foreach (string answer in answers)
                    {
                        if (Conversation.ServedBy(answer) is { } server)
                        {
                            Assert.Equal((chain, chain.IsHiddenFromFront ? "Kestrel" : "front"), (chain, server));
                            fronted++;
                        }
                    }
                }

                if (tls is not Tls.ByCode && neighbour == Neighbour.None)
                {
                    break; // nobody to be first
                }
            }
        }

        // TLS that Kestrel adds stands behind the cipher, and no client disguises TLS.
        bool reachesHttp = neighbour != Neighbour.DeniesAll
            && !(neighbour is Neighbour.Cipher or Neighbour.CipherInCopy or Neighbour.CipherOnDemand
                && tls is Tls.FromConfiguration or Tls.FromConfigurationBySni or Tls.FromConfigurationWithClientCertificate or Tls.FromAddress);
        Assert.True(reachesHttp == fronted > 0, string.Join('\n', heard));
    }

    private static async Task<(List<string> Answers, bool[] Log)> HoldAllAsync(ChainCase chain)
    {
        List<string> answers = [];
        await using ChainServer server = await ChainServer.StartAsync(chain);
        foreach (Conversation conversation in Conversation.For(chain))
        {
            answers.Add(await conversation.HoldAsync(server));
        }

        bool Logged(string what) => server.Log.Entries.Any(entry => entry.Category.Contains("Chain", StringComparison.Ordinal) && entry.Message.StartsWith(what, StringComparison.Ordinal));
        return (answers, [Logged("ReadAsync"), Logged("WriteAsync")]);
    }
}
