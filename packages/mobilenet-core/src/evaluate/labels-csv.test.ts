import { describe, expect, it } from 'vitest';
import { classOffset } from './classes.ts';
import { parseLabelList } from './labels-csv.ts';

describe('parseLabelList', () => {
  it('takes the two columns it needs, wherever they stand', () => {
    const text = 'name,class_index,file\r\n"tench, Tinca tinca",0,a.jpg\r\n"the ""second""",12,"b,c.jpg"\r\n\r\n';
    expect(parseLabelList(text, 'x.csv')).toEqual([
      { file: 'a.jpg', classIndex: 0 },
      { file: 'b,c.jpg', classIndex: 12 },
    ]);
  });

  it.each([
    ['', 'first line must name the columns'],
    ['file,label\na.jpg,3', 'first line must name the columns'],
    ['file,class_index\na.jpg,3\nb.jpg,dog', 'line 3'],
    ['file,class_index\n,3', 'line 2'],
    ['file,class_index\na.jpg,-1', 'line 2'],
    ['file,class_index\n', 'lists no pictures'],
  ])('refuses %j and says where', (text, message) => {
    expect(() => parseLabelList(text, 'x.csv')).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringMatching(new RegExp(`^x\\.csv: .*${message}`)) }),
    );
  });
});

it('shows a foreign file without what could steer a terminal', () => {
  expect(() => parseLabelList('\x1b[31mred\x07', 'x.csv')).toThrow(
    expect.objectContaining({ message: expect.not.stringMatching(/\p{Cc}/u) }),
  );
});

describe('classOffset', () => {
  const list = (...classes: number[]) => classes.map((classIndex) => ({ file: `${classIndex}.jpg`, classIndex }));

  it('is 1 only for a model with a background class before ImageNet’s 1000', () => {
    expect(classOffset(list(0, 999), 1001)).toBe(1);
    expect(classOffset(list(0, 999), 1000)).toBe(0);
    expect(classOffset(list(0, 4), 5)).toBe(0);
  });

  it('is 0 where the list itself counts the background class', () => {
    expect(classOffset(list(1, 1000), 1001)).toBe(0);
  });

  it('names the picture whose class the model has not', () => {
    expect(() => classOffset(list(1, 5), 5)).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: '5.jpg is of class 5; the model has classes 0 to 4' }),
    );
  });
});
