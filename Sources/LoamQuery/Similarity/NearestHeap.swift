import LoamSchema
import LoamStore

/// The best rows that one query has met, at most `capacity`; of equal ones the smaller IDs.
struct NearestHeap {
  struct Entry {
    var nearness: Float
    var id: ID
    var row: RowReference

    func isWorse(than other: Entry) -> Bool {
      nearness != other.nearness ? nearness < other.nearness : id > other.id
    }
  }
  let capacity: Int
  /// A binary heap with the worst at the root.
  private(set) var entries: [Entry] = []

  init(capacity: Int) {
    self.capacity = capacity
    entries.reserveCapacity(capacity)
  }

  /// Less than this is not among the best.
  var least: Float { entries.count < capacity ? -.infinity : entries[0].nearness }

  mutating func offer(_ entry: Entry) {
    if entries.count < capacity {
      entries.append(entry)
      rise()
    } else if entries[0].isWorse(than: entry) {
      entries[0] = entry
      sink()
    }
  }

  private mutating func rise() {
    var place = entries.count - 1
    while place > 0 {
      let parent = (place - 1) / 2
      guard entries[place].isWorse(than: entries[parent]) else { return }
      entries.swapAt(place, parent)
      place = parent
    }
  }

  private mutating func sink() {
    var place = 0
    while true {
      var worst = place
      for child in [2 * place + 1, 2 * place + 2] where child < entries.count {
        if entries[child].isWorse(than: entries[worst]) { worst = child }
      }
      guard worst != place else { return }
      entries.swapAt(place, worst)
      place = worst
    }
  }
}
