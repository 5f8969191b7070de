package dev.bulla.signing.authority;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * A pattern over names: {@code *} stands for any characters of one path component, {@code **} for
 * any characters at all.
 *
 * <p>Both questions are answered by walking the pattern as an automaton whose states are positions,
 * never by backtracking: matching takes length of text times length of pattern; whether two
 * patterns share a text takes the product of their lengths.
 */
record Glob(String text, List<Symbol> symbols) {

  /** A character, or a wildcard. */
  private record Symbol(char character, boolean wild, boolean slashes) {
    boolean takes(Symbol other) {
      return other.wild ? wild && (slashes || !other.slashes) : takes(other.character);
    }

    boolean takes(char c) {
      return wild ? slashes || c != '/' : character == c;
    }
  }

  static Glob of(String text) {
    List<Symbol> symbols = new ArrayList<>();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '*') {
        symbols.add(new Symbol(c, false, false));
      } else if (i + 1 < text.length() && text.charAt(i + 1) == '*') {
        symbols.add(new Symbol('*', true, true));
        i++;
      } else {
        symbols.add(new Symbol('*', true, false));
      }
    }
    return new Glob(text, List.copyOf(symbols));
  }

  boolean isExact() {
    return symbols.stream().noneMatch(Symbol::wild);
  }

  boolean crossesSlashes() {
    return symbols.stream().anyMatch(Symbol::slashes);
  }

  /** Characters before the first wildcard. */
  int prefix() {
    int length = 0;
    while (length < symbols.size() && !symbols.get(length).wild) {
      length++;
    }
    return length;
  }

  /** Characters that are no wildcards. */
  int literals() {
    return (int) symbols.stream().filter(one -> !one.wild).count();
  }

  boolean matches(String name) {
    BitSet states = closure(0);
    for (int i = 0; i < name.length(); i++) {
      BitSet next = new BitSet(symbols.size() + 1);
      for (int at = states.nextSetBit(0); at >= 0; at = states.nextSetBit(at + 1)) {
        if (at < symbols.size() && symbols.get(at).takes(name.charAt(i))) {
          next.or(closure(symbols.get(at).wild ? at : at + 1));
        }
      }
      states = next;
    }
    return states.get(symbols.size());
  }

  /** The position and those that are reached from it by wildcards that stand for nothing. */
  private BitSet closure(int position) {
    BitSet states = new BitSet(symbols.size() + 1);
    int at = position;
    states.set(at);
    while (at < symbols.size() && symbols.get(at).wild) {
      states.set(++at);
    }
    return states;
  }

  /** Whether some text matches both. */
  boolean overlaps(Glob other) {
    int width = other.symbols.size() + 1;
    BitSet seen = new BitSet((symbols.size() + 1) * width);
    Deque<Integer> open = new ArrayDeque<>();
    open.add(0);
    seen.set(0);
    while (!open.isEmpty()) {
      int state = open.removeFirst();
      int mine = state / width;
      int theirs = state % width;
      if (mine == symbols.size() && theirs == other.symbols.size()) {
        return true;
      }
      for (int next : steps(mine, theirs, other, width)) {
        if (!seen.get(next)) {
          seen.set(next);
          open.add(next);
        }
      }
    }
    return false;
  }

  /**
   * Whether this matches all that {@code other} matches, as far as a comparison of symbols shows
   * it: a wildcard is covered only by one that stands for as much.
   */
  boolean covers(Glob other) {
    BitSet states = closure(0);
    for (Symbol symbol : other.symbols) {
      BitSet next = new BitSet(symbols.size() + 1);
      for (int at = states.nextSetBit(0); at >= 0; at = states.nextSetBit(at + 1)) {
        if (at < symbols.size() && symbols.get(at).takes(symbol)) {
          next.or(closure(symbols.get(at).wild ? at : at + 1));
        }
      }
      states = next;
    }
    return states.get(symbols.size());
  }

  private List<Integer> steps(int mine, int theirs, Glob other, int width) {
    List<Integer> next = new ArrayList<>();
    boolean here = mine < symbols.size();
    boolean there = theirs < other.symbols.size();
    if (here && symbols.get(mine).wild) {
      next.add((mine + 1) * width + theirs);
    }
    if (there && other.symbols.get(theirs).wild) {
      next.add(mine * width + theirs + 1);
    }
    if (here && there) {
      Symbol a = symbols.get(mine);
      Symbol b = other.symbols.get(theirs);
      if (!a.wild && b.takes(a.character)) {
        next.add((mine + 1) * width + (b.wild ? theirs : theirs + 1));
      } else if (a.wild && !b.wild && a.takes(b.character)) {
        next.add(mine * width + theirs + 1);
      }
    }
    return next;
  }
}
