/// Brings the events of several cursors into one order, in runs as long as one cursor is ahead of the others.
enum SegmentMerge {
  static func run(
    _ cursors: inout [SegmentCursor], _ body: (EventBlock, Range<Int>) throws(StoreError) -> Void
  ) throws(StoreError) {
    while true {
      var (first, second): (Int?, EventKey?) = (nil, nil)
      for index in cursors.indices {
        guard let key = cursors[index].key else { continue }
        guard let least = first else {
          first = index
          continue
        }
        if key < cursors[least].key! {
          (first, second) = (index, cursors[least].key)
        } else if second.map({ key < $0 }) ?? true {
          second = key
        }
      }
      guard let next = first else { return }
      let range = cursors[next].run(below: second)
      try body(cursors[next].block, range)
      try cursors[next].advance(to: range.upperBound)
    }
  }
}
