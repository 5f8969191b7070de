package dev.bulla.inventory.archive;

/**
 * A set of hash values, open addressing, eight bytes a slot. Not thread-safe while it is filled.
 */
public final class LongSet {
  private long[] slots = new long[64];
  private int size;

  public void add(long value) {
    if (size * 2 >= slots.length) {
      long[] old = slots;
      slots = new long[old.length * 2];
      size = 0;
      for (long each : old) {
        if (each != 0) {
          insert(each);
        }
      }
    }
    insert(value == 0 ? 1 : value);
  }

  public boolean contains(long value) {
    long wanted = value == 0 ? 1 : value;
    int mask = slots.length - 1;
    for (int i = index(wanted, mask); slots[i] != 0; i = i + 1 & mask) {
      if (slots[i] == wanted) {
        return true;
      }
    }
    return false;
  }

  public int size() {
    return size;
  }

  private void insert(long value) {
    int mask = slots.length - 1;
    int i = index(value, mask);
    while (slots[i] != 0) {
      if (slots[i] == value) {
        return;
      }
      i = i + 1 & mask;
    }
    slots[i] = value;
    size++;
  }

  private static int index(long value, int mask) {
    return (int) (value * 0x9E3779B97F4A7C15L >>> 32) & mask;
  }
}
