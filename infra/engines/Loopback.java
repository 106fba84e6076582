import java.util.Arrays;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;

/**
 * Runs DynamoDB Local on 127.0.0.1 only: by itself it listens on every
 * interface and has no option to change that. It also stands in for the
 * agent that LocalStack loads into DynamoDB Local, and then does nothing.
 */
public class Loopback {
  public static void premain(String options) {}

  public static void main(String[] args) throws Exception {
    DynamoDBProxyServer proxy = ServerRunner.createServerFromCommandLineArgs(args);
    var field = DynamoDBProxyServer.class.getDeclaredField("server");
    field.setAccessible(true);
    Arrays.stream(((Server) field.get(proxy)).getConnectors())
        .forEach(c -> ((ServerConnector) c).setHost("127.0.0.1"));
    proxy.start();
    proxy.join();
  }
}
