using System.Net;
using System.Net.Sockets;

namespace Serverless.LocalHost.Http;

/// <summary>Whether the ports to listen on are to be had.</summary>
internal static class LocalPorts
{
    /// <exception cref="StartupException">One is taken; the message names it and the option that chooses another.</exception>
    public static void RequireFree(LocalOptions options)
    {
        RequireFree(options.HttpPort, "--http-port");
        RequireFree(options.HttpsPort, "--https-port");
    }

    private static void RequireFree(int port, string option)
    {
        if (port == 0) return;
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new StartupException($"Port {port} is already in use. Stop the program that uses it, or choose another with {option}.", exception);
        }
        catch (SocketException exception)
        {
            throw new StartupException($"Port {port} cannot be opened ({exception.Message}). Choose another with {option}.", exception);
        }
    }
}
