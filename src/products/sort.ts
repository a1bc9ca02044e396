/** What the list is sorted by; with `-`: descending. */
export const SORTS = ['id', '-id', 'name', '-name', 'price', '-price', 'created_at', '-created_at'] as const;

export type Sort = (typeof SORTS)[number];
export type SortColumn = 'id' | 'name' | 'price' | 'created_at';

export function sortColumn(sort: Sort): SortColumn {
  return (sort.startsWith('-') ? sort.slice(1) : sort) as SortColumn;
}

export function isDescending(sort: Sort): boolean {
  return sort.startsWith('-');
}

export function isSort(value: unknown): value is Sort {
  return SORTS.includes(value as Sort);
}
