import type { Reader } from '../metadata/database.ts';

/** Whether this user or device belonged to an account that was deleted. */
export async function isDeleted(reader: Reader, id: Uint8Array): Promise<boolean> {
  const row = await reader.selectFrom('deleted_id').select('id').where('id', '=', id).executeTakeFirst();
  return row !== undefined;
}
