import java.net.Socket;

/** Connects once. The Java runtime uses IPv6 sockets and IPv4-mapped addresses by default. */
class Connect {
  public static void main(String[] arguments) throws Exception {
    try (Socket socket = new Socket(arguments[0], Integer.parseInt(arguments[1]))) {
      socket.getInputStream().read();
    }
  }
}
