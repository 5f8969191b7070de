package dev.bulla.example.orders;

import com.google.gson.Gson;
import java.util.List;
import org.apache.commons.lang3.StringUtils;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** Writes a few orders into its log and one line of JSON to standard output, then ends. */
public final class Orders {
  private static final Logger LOG = LogManager.getLogger(Orders.class);

  private Orders() {}

  /** A customer wants so many of something. */
  record Order(String customer, String article, int count) {}

  /** What came of all orders. */
  record Summary(int orders, int articles, String logging) {}

  public static void main(String[] args) {
    List<Order> orders =
        List.of(new Order("Ada", "clay tablet", 3), new Order("Grace", "cylinder seal", 1));
    for (Order order : orders) {
      LOG.info(
          "{} orders {} x {}",
          StringUtils.upperCase(order.customer()),
          order.count(),
          order.article());
    }
    int articles = orders.stream().mapToInt(Order::count).sum();
    String logging = LOG.getClass().getProtectionDomain().getCodeSource().getLocation().toString();
    System.out.println(
        new Gson()
            .toJson(new Summary(orders.size(), articles, logging.replaceFirst(".*/lib/", ""))));
  }
}
