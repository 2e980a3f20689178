import LoamSchema
import LoamStore

/// A column of the row of an ID: reals as f32, whole numbers as i64. An ID without a row has NaN, or zero.
struct ColumnStep: ViewStep {
  let table: IDTableReader
  let column: Int
  let id: Int
  let offset: Int

  func fill(_ batch: ViewBatch) throws(QueryError) {
    let spec = table.spec.columns[column]
    let isReal = [.f32, .f16, .bf16, .i8].contains(spec.type)
    var real = [Float](repeating: 0, count: spec.width)
    var bytes = [UInt8](repeating: 0, count: spec.stride)
    for request in batch.range {
      let asked = batch.columns.ids[id][request]
      let out = batch.place(request, offset)
      // The standard library's closures keep no typed error, hence the Result.
      let result: Result<Void, StoreError>
      if isReal {
        result = real.withUnsafeMutableBufferPointer { values in
          do throws(StoreError) {
            if try table.find(asked).isNone {
              values.update(repeating: .nan)
            } else {
              var one = asked
              let failure = withUnsafePointer(to: &one) { pointer -> StoreError? in
                do throws(StoreError) {
                  try table.lookup(UnsafeBufferPointer(start: pointer, count: 1), column: column, into: values)
                  return nil
                } catch { return error }
              }
              if let failure { throw failure }
            }
            out.copyMemory(from: values.baseAddress!, byteCount: spec.width * 4)
            return .success(())
          } catch { return .failure(error) }
        }
      } else {
        result = bytes.withUnsafeMutableBytes { row in
          do throws(StoreError) {
            let isFound = try table.lookup(asked, column: column, into: row.baseAddress!)
            for element in 0..<spec.width {
              let number = isFound ? Self.number(row, element, spec.type) : 0
              out.storeBytes(of: number, toByteOffset: element * 8, as: Int64.self)
            }
            return .success(())
          } catch { return .failure(error) }
        }
      }
      do throws(StoreError) { try result.get() } catch { throw .store(error) }
    }
  }

  static func isWhole(_ type: DataType) -> Bool { [.u8, .u32, .i32, .u64, .i64].contains(type) }

  private static func number(_ row: UnsafeMutableRawBufferPointer, _ element: Int, _ type: DataType) -> Int64 {
    switch type {
    case .u8: Int64(row[element])
    case .u32: Int64(row.loadUnaligned(fromByteOffset: element * 4, as: UInt32.self))
    case .i32: Int64(row.loadUnaligned(fromByteOffset: element * 4, as: Int32.self))
    default: row.loadUnaligned(fromByteOffset: element * 8, as: Int64.self)
    }
  }
}
