import { Column, Entity, PrimaryColumn, type ValueTransformer } from 'typeorm';

/** PostgreSQL sends a numeric as text, so that no digit is lost. */
const price: ValueTransformer = { from: Number, to: (value: unknown) => value };

@Entity('books')
export class Book {
  @PrimaryColumn({ type: 'text' })
  isbn: string;

  @Column({ type: 'text', default: '' })
  title: string;

  @Column({ type: 'integer', nullable: true })
  author_id: number | null;

  @Column({ type: 'numeric', precision: 10, scale: 2, default: 0, transformer: price })
  price: number;
}
