import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn, type ValueTransformer } from 'typeorm';

/** PostgreSQL sends numerics as text, so that nobody loses digits. */
const price: ValueTransformer = { from: Number, to: (value: unknown) => value };

@Entity('authors')
export class Author {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id: number;

  @Column({ type: 'text', unique: true })
  slug: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'integer', nullable: true })
  born: number | null;
}

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

@Entity('shelves')
export class Shelf {
  @PrimaryColumn({ type: 'text' })
  shelf: string;

  @PrimaryColumn({ type: 'integer' })
  slot: number;

  @Column({ type: 'text', nullable: true })
  isbn: string | null;
}

@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  id: number;

  /** Null until somebody files it; nobody can ask for it before. */
  @Column({ type: 'text', nullable: true, unique: true })
  sku: string | null;

  @Column({ type: 'text', default: '' })
  body: string;
}

@Entity('copies')
export class Copy {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'text', nullable: true })
  isbn: string | null;
}

@Entity('countries')
export class Country {
  @PrimaryColumn({ type: 'char', length: 3 })
  code: string;

  @Column({ type: 'text', default: '' })
  name: string;
}
